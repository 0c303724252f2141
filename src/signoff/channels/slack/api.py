"""Slack's Web API, as far as we use it: each call says in our words what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signoff.channels.slack.blocks import Message
from signoff.engine.channels import Later, Refused

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

SECONDS = 10
_NEVER = frozenset(
    {
        "account_inactive",
        "cannot_dm_bot",
        "channel_not_found",
        "invalid_auth",
        "invalid_blocks",
        "is_archived",
        "message_not_found",
        "messages_tab_disabled",
        "missing_scope",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "token_revoked",
        "user_not_found",
        "users_not_found",
    }
)


class NotPosted(Exception):
    """Slack did not do it; ``became`` says whether it may later."""

    def __init__(self, became: Refused | Later) -> None:
        super().__init__(became.detail)
        self.became = became


class SlackApi:
    """One team's API.

    :param token: of our bot, ``xoxb-...``.
    :param address: of the API, with a slash at the end.
    """

    def __init__(self, token: str, address: str) -> None:
        self._token = token
        self._address = address
        self._team: str | None = None
        self._us: str | None = None

    async def team(self) -> str:
        """The id of the team our token is for."""
        if self._team is None:
            said = await self._call("auth_test")
            self._team, self._us = str(said["team_id"]), str(said["user_id"])
        return self._team

    async def ourselves(self) -> str:
        """The id of our bot's own user."""
        await self.team()
        return self._us or ""

    async def user_of(self, email: str) -> str | None:
        """The user of a mail address, where there is one."""
        try:
            said = await self._call("users_lookupByEmail", email=email)
        except NotPosted as error:
            if isinstance(error.became, Refused):
                return None
            raise
        return str(said["user"]["id"])

    async def post(
        self, channel: str, message: Message, *, thread: str | None = None
    ) -> tuple[str, str]:
        """Post a message; returns the channel and the time that name it."""
        more: dict[str, Any] = {"thread_ts": thread} if thread else {}
        said = await self._call(
            "chat_postMessage",
            channel=channel,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
            parse="none",
            link_names=False,
            **more,
        )
        return str(said["channel"]), str(said["ts"])

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Put other blocks in the place of a message's."""
        await self._call(
            "chat_update", channel=channel, ts=ts, text=message.text, blocks=message.blocks
        )

    async def whisper(self, channel: str, user: str, message: Message) -> None:
        """Say something in a channel that only one user sees."""
        await self._call(
            "chat_postEphemeral",
            channel=channel,
            user=user,
            text=message.text,
            blocks=message.blocks,
        )

    async def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a modal for whoever has just pressed a button."""
        await self._call("views_open", trigger_id=trigger, view=dict(view))

    def _client(self) -> AsyncWebClient:
        from slack_sdk.web.async_client import AsyncWebClient

        return AsyncWebClient(token=self._token, base_url=self._address, timeout=SECONDS)

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        import aiohttp
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            said = await getattr(self._client(), method)(**arguments)
        except SlackApiError as error:
            raise NotPosted(_became(error)) from None
        except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
            raise NotPosted(Later(detail=f"Slack did not answer: {type(error).__name__}")) from None
        data: Mapping[str, Any] = said.data
        return data


def _became(error: Any) -> Refused | Later:
    response = error.response
    status = getattr(response, "status_code", 0)
    data = getattr(response, "data", {})
    said = data.get("error", "") if isinstance(data, Mapping) else ""
    if status == 429:
        wait = response.headers.get("Retry-After") or response.headers.get("retry-after")
        return Later(detail="Slack asks us to wait", seconds=_seconds(wait))
    if said in _NEVER:
        return Refused(detail=f"Slack refused it: {said}")
    return Later(detail=f"Slack did not take it: {said or status}")


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
