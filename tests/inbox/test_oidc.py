"""Signing in with an account, against a real OpenID provider on loopback."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from signoff.config import Settings
from signoff.errors import Forbidden, InvalidInput
from signoff.server.oidc import Provider, provider_of, secrets_of
from tests.inbox.browser import Browser, Page
from tests.inbox.world import HERE, World, opened

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider, not ours
MGR = "mgr@acme.test"
ORIGIN = "http://inbox.test"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
async def joined(tmp_path: Path, issuer: str) -> AsyncIterator[World]:
    async with joined_with(tmp_path, issuer) as world:
        yield world


def joined_with(
    tmp_path: Path, issuer: str, *, trust: bool = False
) -> AbstractAsyncContextManager[World]:
    return opened(
        tmp_path,
        oidc_issuer=issuer,
        oidc_client_id="signoff",
        oidc_client_secret="not a secret",
        oidc_name="Acme",
        oidc_trust_mail=trust,
    )


def account(issuer: str, subject: str, **claims: object) -> None:
    """An account at the provider."""
    httpx2.put(f"{issuer}/users/{subject}", json={"sub": subject, **claims}).raise_for_status()


async def begun(browser: Browser, *, to: str = "/inbox", again: bool = False) -> str:
    """Press the button that leads to the provider, and return the address there."""
    page = await browser.open(f"/sign-in?next={to}{'&again=yes' if again else ''}")
    url, pairs = page.sent_by("Continue with Acme")
    sent = {"content-type": "application/x-www-form-urlencoded", "origin": "null"}
    answer = await browser.client.post(urlsplit(url).path, content=urlencode(pairs), headers=sent)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def consented(address: str, subject: str) -> str:
    """Sign in at the provider, and return the path it sends the browser back to."""
    answer = httpx2.post(address, data={"sub": subject}, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    back = answer.headers["location"]
    assert back.startswith(f"{ORIGIN}/sign-in/oidc/callback")
    return back.removeprefix(ORIGIN)


async def signing_in(
    world: World, subject: str, *, browser: Browser | None = None, to: str = "/inbox"
) -> tuple[Browser, Page]:
    browser = browser or world.browser()
    back = consented(await begun(browser, to=to, again=browser is not None), subject)
    return browser, await browser.open(back)


async def test_whoever_has_connected_an_account_signs_in_with_it(
    joined: World, issuer: str
) -> None:
    await joined.person(MGR, roles=["manager"])
    account(issuer, "sub-1", email="other@elsewhere.test", email_verified=True)
    own = await joined.signed_in(MGR)
    page = await own.open("/inbox/sessions")
    assert "Connect an account at Acme" in page.text
    _, page = await signing_in(joined, "sub-1", browser=own, to="/inbox/sessions")
    assert "other@elsewhere.test" in page.text

    browser, page = await signing_in(joined, "sub-1")

    assert page.heading == "Inbox"
    row = joined.people[MGR]
    sessions = await joined.services.store.sessions(HERE, row.person.id)
    assert {each.provider for each in sessions} == {issuer}
    page = await browser.press(
        await browser.open("/inbox/sessions"), "Disconnect other@elsewhere.test"
    )
    assert await joined.services.store.identities(HERE, row.person.id) == []


async def test_an_account_that_stands_for_nobody_signs_nobody_in(
    joined: World, issuer: str
) -> None:
    await joined.person(MGR)
    account(issuer, "sub-2", email=MGR, email_verified=True)

    browser, page = await signing_in(joined, "sub-2")

    assert page.status == 403
    assert "connected to nobody here" in page.text
    assert (await browser.open("/inbox")).heading == "You are not signed in"


@pytest.mark.parametrize(
    ("verified", "heading"), [(True, "Inbox"), (False, "You are not signed in")]
)
async def test_a_verified_mail_address_finds_its_person_once_where_that_is_set(
    tmp_path: Path, issuer: str, verified: bool, heading: str
) -> None:
    async with joined_with(tmp_path, issuer, trust=True) as world:
        row = await world.person(MGR)
        account(issuer, "sub-3", email=MGR, email_verified=verified)

        _, page = await signing_in(world, "sub-3")

        assert page.heading == heading
        known = await world.services.store.identities(HERE, row.person.id)
        assert [each.subject for each in known] == (["sub-3"] if verified else [])
        if verified:  # from now on the subject counts, whatever the address says
            account(issuer, "sub-3", email="changed@acme.test", email_verified=True)
            _, page = await signing_in(world, "sub-3")
            assert page.heading == "Inbox"


async def test_nobody_takes_over_the_account_of_another(joined: World, issuer: str) -> None:
    await joined.person(MGR)
    await joined.person("eve@acme.test")
    account(issuer, "sub-4", email=MGR)
    await signing_in(joined, "sub-4", browser=await joined.signed_in(MGR))

    eve = await joined.signed_in("eve@acme.test")
    _, page = await signing_in(joined, "sub-4", browser=eve)

    assert page.status == 403
    assert (
        await joined.services.store.identities(HERE, joined.people["eve@acme.test"].person.id) == []
    )


async def test_an_answer_that_was_not_asked_for_is_refused(joined: World, issuer: str) -> None:
    await joined.person(MGR)
    account(issuer, "sub-5", email=MGR)
    browser, other = joined.browser(), joined.browser()
    back = consented(await begun(browser), "sub-5")
    await begun(other)

    forged = await other.open(back)

    assert forged.status == 403
    assert "not begun in this browser" in forged.text
    denied = await browser.open("/sign-in/oidc/callback?error=access_denied")
    assert denied.status == 403


async def test_what_is_asked_of_the_provider_is_bound_to_this_browser(
    joined: World, issuer: str
) -> None:
    one, two = [parse_qs(urlsplit(await begun(joined.browser())).query) for _ in range(2)]

    for name in ("state", "nonce", "code_challenge"):
        assert one[name] != two[name]
        assert len(one[name][0]) >= 43
    assert one["code_challenge_method"] == ["S256"]
    assert one["redirect_uri"] == [f"{ORIGIN}/sign-in/oidc/callback"]
    again = parse_qs(urlsplit(await begun(joined.browser(), again=True)).query)
    assert again["prompt"] == ["login"]
    assert again["max_age"] == ["0"]


async def test_a_token_that_does_not_verify_is_refused(
    issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = RSAKey.generate_key(2048, parameters={"kid": "k"})
    other = RSAKey.generate_key(2048, parameters={"kid": "k"})
    keys = KeySet([key])
    provider = Provider("https://id.test", client_id="signoff", client_secret="", redirect_uri="x")
    now = int(time.time())
    good = {"iss": "https://id.test", "sub": "1", "aud": "signoff", "exp": now + 300, "iat": now}
    good |= {"nonce": "n"}

    def token(signer: RSAKey = key, **changed: object) -> str:
        claims = {**good, **changed}
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "k"}, claims, signer)

    assert provider._believed(token(), keys, "n").subject == "1"
    assert provider._believed(token(aud=["signoff", "b"], azp="signoff"), keys, "n").subject == "1"
    bad = [
        token(other),
        token(iss="https://id.test/"),
        token(aud="somebody"),
        token(aud=["signoff", "b"], azp="b"),
        token(exp=now - 300),
        token(exp=None),
        token(nonce="m"),
        token(nonce=None),
        token(sub=None),
        token() + "x",
        "a.b.c",
        "",
    ]
    for each in bad:
        with pytest.raises(Forbidden):
            provider._believed(each, keys, "n")


def test_half_a_provider_is_refused_at_the_start() -> None:
    assert provider_of(Settings()) is None
    with pytest.raises(InvalidInput, match="SIGNOFF_OIDC_CLIENT_ID"):
        provider_of(Settings(oidc_issuer="https://id.test"))


def test_the_secrets_of_a_sign_in_are_told_apart() -> None:
    found = secrets_of("start")

    assert len({found.state, found.nonce, found.verifier}) == 3
    assert all(
        re.fullmatch(r"[\w-]{43}", each) for each in (found.state, found.nonce, found.verifier)
    )
