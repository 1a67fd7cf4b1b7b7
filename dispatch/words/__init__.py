"""Reasons in sentences, for whoever asks why: Chinese and English.

language     what a language must have a phrase for
zh, en       the phrases
say          an answer of dispatch as sentences

Ids stand where the caller gives no names: dispatch knows no names. Points are never said; what they stand for is.
"""
