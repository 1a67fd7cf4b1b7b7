"""What the app shows the dispatcher: made from the platform's secret, which both have."""

from services.elders.vault import derive_key


def inside_token(secret: bytes) -> str:
    return derive_key(secret, "questions to the dispatcher").hex()
