"""The routes of the inbox, and what stands before every one of them: sign-in and error pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signoff.errors import Broken, Forbidden, InvalidInput, NotFound, SignoffError, TooLarge
from signoff.language import _, preferred, speaking
from signoff.server.inbox import (
    absence_page,
    acts,
    app_files,
    drafts,
    link_page,
    listing,
    looking,
    news,
    operate_page,
    pages,
    passkey_page,
    push_page,
    session,
    sessions_page,
    settings_page,
    sign_in,
    sign_in_mail,
    sign_in_oidc,
    sign_in_passkey,
    signing,
    task_page,
    together,
)
from signoff.server.inbox.offers import Act

if TYPE_CHECKING:
    from signoff.server.services import Services

_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
_Signed: TypeAlias = Callable[[session.Visit], Awaitable[Response]]
_Open: TypeAlias = Callable[[Request, "Services"], Awaitable[Response]]

_REFUSALS: tuple[tuple[type[SignoffError], int, str], ...] = (
    (NotFound, 404, "Not found"),
    (TooLarge, 413, "That is too much"),
    (InvalidInput, 400, "That could not be read"),
    (Forbidden, 403, "Nothing was sent"),
    (Broken, 503, "Not available just now"),
    (SignoffError, 409, "That is not possible now"),
)


def routes(services: Services) -> list[BaseRoute]:
    """Every route of the inbox, to be mounted at the root."""

    def signed(handler: _Signed) -> _Endpoint:
        return _guarded(_signed_in(services, handler))

    def anyone(handler: _Open) -> _Endpoint:
        return _guarded(lambda request: handler(request, services))

    one = "/inbox/tasks/{task_id:str}"
    return [
        Route("/", _home, methods=["GET"]),
        Route("/sign-in", anyone(sign_in.show), methods=["GET"]),
        Route("/sign-in", anyone(sign_in.spend), methods=["POST"]),
        Route(link_page.OPEN, anyone(link_page.arrive), methods=["GET"]),
        Route(link_page.PAGE, anyone(link_page.show), methods=["GET"]),
        Route(link_page.PAGE, anyone(link_page.answer), methods=["POST"]),
        Route(sign_in_mail.PATH, anyone(sign_in_mail.ask), methods=["POST"]),
        Route(sign_in_passkey.PATH, anyone(sign_in_passkey.use), methods=["POST"]),
        Route(
            f"{sign_in_passkey.PATH}/challenge", anyone(sign_in_passkey.challenge), methods=["POST"]
        ),
        Route(sign_in_oidc.PATH, anyone(sign_in_oidc.begin), methods=["POST"]),
        Route(sign_in_oidc.BACK, anyone(sign_in_oidc.back), methods=["GET"]),
        Route(sessions_page.PATH, signed(sessions_page.show), methods=["GET"]),
        Route(f"{sessions_page.PATH}/end", signed(sessions_page.end), methods=["POST"]),
        Route(
            f"{sessions_page.PATH}/disconnect", signed(sessions_page.disconnect), methods=["POST"]
        ),
        Route(operate_page.PATH, signed(operate_page.show), methods=["GET"]),
        Route(f"{operate_page.PATH}/tell-again", signed(operate_page.tell_again), methods=["POST"]),
        Route(
            f"{operate_page.PATH}/runs/{{intent_id:str}}", signed(operate_page.run), methods=["GET"]
        ),
        Route("/sign-out", signed(sign_in.sign_out), methods=["POST"]),
        Route(app_files.MANIFEST, app_files.manifest, methods=["GET"]),
        Route(app_files.WORKER, app_files.worker, methods=["GET"]),
        Route(app_files.OFFLINE, _guarded(app_files.offline), methods=["GET"]),
        Route(f"{pages.STATIC}/{{name:str}}", pages.static, methods=["GET"]),
        Route(listing.PATH, signed(listing.show), methods=["GET"]),
        Route(f"{listing.PATH}/filters/save", signed(listing.save_filter), methods=["POST"]),
        Route(f"{listing.PATH}/filters/drop", signed(listing.drop_filter), methods=["POST"]),
        Route(together.PATH, signed(together.show), methods=["GET"]),
        Route(together.PATH, signed(together.decide), methods=["POST"]),
        Route(f"{listing.PATH}/news", signed(news.of_the_list), methods=["GET"]),
        Route(f"{one}/news", signed(news.of_a_task), methods=["GET"]),
        Route(one, signed(task_page.show), methods=["GET"]),
        Route(one, signed(task_page.answer), methods=["POST"]),
        Route(f"{one}/challenge", signed(signing.challenge), methods=["POST"]),
        Route(f"{one}/draft", signed(drafts.save), methods=["POST"]),
        Route(f"{one}/draft/discard", signed(drafts.discard), methods=["POST"]),
        Route(f"{one}/claim", signed(task_page.claim), methods=["POST"]),
        Route(f"{one}/release", signed(task_page.release), methods=["POST"]),
        *(Route(f"{one}/{act}", signed(_taking(act)), methods=["POST"]) for act in Act),
        *_absences(signed, absence_page.PATH),
        Route(f"{absence_page.PATH}/find", signed(absence_page.find), methods=["POST"]),
        *_absences(signed, f"{absence_page.PATH}/of/{{person:str}}"),
        Route(settings_page.PATH, signed(settings_page.show), methods=["GET"]),
        Route(settings_page.PATH, signed(settings_page.save), methods=["POST"]),
        Route(push_page.PATH, signed(push_page.show), methods=["GET"]),
        Route(f"{push_page.PATH}/add", signed(push_page.add), methods=["POST"]),
        Route(f"{push_page.PATH}/remove", signed(push_page.remove), methods=["POST"]),
        Route(f"{push_page.PATH}/try", signed(push_page.try_out), methods=["POST"]),
        Route(passkey_page.PATH, signed(passkey_page.show), methods=["GET"]),
        Route(f"{passkey_page.PATH}/challenge", signed(passkey_page.challenge), methods=["POST"]),
        Route(f"{passkey_page.PATH}/add", signed(passkey_page.add), methods=["POST"]),
        Route(f"{passkey_page.PATH}/remove", signed(passkey_page.remove), methods=["POST"]),
        Route("/inbox/{rest:path}", _guarded(_nowhere), methods=["GET"]),
    ]


def _absences(signed: Callable[[_Signed], _Endpoint], path: str) -> list[BaseRoute]:
    return [
        Route(path, signed(absence_page.show), methods=["GET"]),
        Route(f"{path}/add", signed(absence_page.add), methods=["POST"]),
        Route(f"{path}/remove", signed(absence_page.remove), methods=["POST"]),
        Route(f"{path}/import", signed(absence_page.import_ics), methods=["POST"]),
    ]


def _taking(act: Act) -> _Signed:
    return lambda visit: acts.take(visit, act)


async def _nowhere(request: Request) -> Response:
    """An address below the inbox that leads nowhere is said on a page, for a person to read."""
    raise NotFound("There is no page at this address.")


async def _home(request: Request) -> Response:
    return pages.redirect(sign_in.HOME)


def _signed_in(services: Services, handler: _Signed) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        visit = await session.visit(request, services)
        if visit is not None:
            with speaking(visit.language):
                return await handler(visit)
        if request.method in ("GET", "HEAD"):
            query = f"?{request.url.query}" if request.url.query else ""
            return pages.redirect(sign_in.sign_in_path(request.url.path + query))
        return pages.message(
            "You are signed out",
            "Nothing was sent. Sign in again, then go back in this browser: what you typed is "
            "usually still there. Copy it, reload the page and send it once more.",
            status=401,
            way_on=("Sign in", sign_in.sign_in_path(_page_of(request))),
        )

    return endpoint


def _page_of(request: Request) -> str:
    """The page a form was on: the path it was sent to, without the verb."""
    task_id = request.path_params.get("task_id")
    if request.url.path.startswith((absence_page.PATH, passkey_page.PATH, push_page.PATH)):
        return request.url.path.rpartition("/")[0]
    return looking.path_of(task_id) if task_id else request.url.path


def _guarded(endpoint: _Endpoint) -> _Endpoint:
    """Turn a refusal nobody caught into a page that says it."""

    async def guarded(request: Request) -> Response:
        with speaking(preferred(request.headers.get("accept-language", ""))):
            try:
                return await endpoint(request)
            except SignoffError as error:
                status, title = next((s, t) for kind, s, t in _REFUSALS if isinstance(error, kind))
                way_on = (_("Go to your inbox"), sign_in.HOME)
                return pages.message(_(title), error.message, status=status, way_on=way_on)

    return guarded
