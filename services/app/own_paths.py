"""A router is asked only about its own paths: one expression for all of them, where each route would be asked alone."""

import re

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import Match
from starlette.types import Scope

_PARAMETER = re.compile(r"\{\w+(:\w+)?\}")


def only_its_own(router: APIRouter, prefix: str) -> APIRouter:
    """:param prefix: below which it is included"""
    own, matches = _own(router, prefix), router.matches

    def matches_its_own(scope: Scope) -> tuple[Match, Scope]:
        return matches(scope) if own.fullmatch(scope["path"]) else (Match.NONE, {})

    router.matches = matches_its_own  # type: ignore[method-assign]
    return router


def _own(router: APIRouter, prefix: str) -> re.Pattern[str]:
    """With those of the routers in it."""
    paths = sorted({route.path or "" for route in iter_route_contexts(router.routes)})
    return re.compile(re.escape(prefix) + "(?:" + "|".join(map(_expression, paths)) + ")")


def _expression(path: str) -> str:
    """Of a route's path: where it says of which form a parameter is, the route decides."""
    at, parts = 0, list[str]()
    for found in _PARAMETER.finditer(path):
        parts += [re.escape(path[at : found.start()]), ".*" if found[1] else "[^/]+"]
        at = found.end()
    return "".join([*parts, re.escape(path[at:])])
