"""The receivers of notifications that the environment names, and the sending to them.

Addresses and secrets are read only from the environment, because settings appear in process lists
and logs. A webhook, mail and Telegram need nothing but the standard library; every other service is
sent to through Apprise, which is an extra (`requirements-apprise.txt`).
"""

from __future__ import annotations

import json
import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from kompas_crawler.characters import in_all, plain, replaced
from kompas_crawler.errors import BadArgument, needing
from kompas_crawler.secret_urls import Sending, check_address, post

if TYPE_CHECKING:
    from apprise import Apprise

logger = logging.getLogger(__name__)

TELEGRAM = "https://api.telegram.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message for people, and the same as `facts` for programs."""

    subject: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Channel:
    """A way of sending to one receiver, with its name in the log.

    `send` raises OSError, HTTPException or ValueError; its seconds bound each wait.
    """

    name: str
    send: Callable[[Message, float], None] = field(repr=False)


def _to_webhook(url: str, message: Message, timeout: float) -> None:
    """POST a JSON object whose `text` Slack and Mattermost show; the other keys are the facts."""
    text = f"{message.subject}\n{message.text}"
    _post_json(url, {"text": text, "subject": message.subject, **message.facts}, timeout)


def _to_telegram(url: str, chat: str, message: Message, timeout: float) -> None:
    """Send through a bot of Telegram."""
    text = f"{message.subject}\n{message.text}"[:4096]  # Telegram's limit
    _post_json(url, {"chat_id": chat, "text": text, "disable_web_page_preview": True}, timeout)


def _post_json(url: str, facts: Mapping[str, Any], timeout: float) -> None:
    post(url, json.dumps(facts).encode(), timeout, "application/json")


def _by_mail(
    server: str, sender: str, receivers: Sequence[str], message: Message, timeout: float
) -> None:
    """Send mail through `smtp://[USER:PASSWORD@]HOST[:PORT]`, or `smtps://` for TLS throughout.

    A password is never sent in the clear: with one, `smtp://` demands STARTTLS.
    """
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.subject, sender, ", ".join(receivers)
    mail.set_content(message.text)
    parts, trust = urlsplit(server), ssl.create_default_context()
    is_safe = parts.scheme == "smtps"
    connect = partial(smtplib.SMTP_SSL, context=trust) if is_safe else smtplib.SMTP
    with connect(parts.hostname or "", parts.port or 0, timeout=timeout) as smtp:
        if parts.username and parts.password:
            if not is_safe:
                smtp.starttls(context=trust)
            smtp.login(unquote(parts.username), unquote(parts.password))
        smtp.send_message(mail)


def channels(environ: Mapping[str, str]) -> list[Channel]:
    """Return a channel for every receiver that the environment names; raise BadArgument."""
    found: list[Channel] = []
    if url := environ.get("KOMPAS_MESSAGE_WEBHOOK"):
        check_address("KOMPAS_MESSAGE_WEBHOOK", url, "http", "https")
        found.append(Channel("webhook", partial(_to_webhook, url)))
    if server := environ.get("KOMPAS_MESSAGE_SMTP"):
        check_address("KOMPAS_MESSAGE_SMTP", server, "smtp", "smtps")
        to = tuple(environ.get("KOMPAS_MESSAGE_TO", "").replace(",", " ").split())
        if not to:
            raise BadArgument(
                "KOMPAS_MESSAGE_SMTP needs KOMPAS_MESSAGE_TO, the receivers of the mail"
            )
        sender = environ.get("KOMPAS_MESSAGE_FROM") or to[0]
        found.append(Channel("mail", partial(_by_mail, server, sender, to)))
    if token := environ.get("KOMPAS_TELEGRAM_TOKEN"):
        if not environ.get("KOMPAS_TELEGRAM_CHAT"):
            raise BadArgument("KOMPAS_TELEGRAM_TOKEN needs KOMPAS_TELEGRAM_CHAT, the receiver")
        api = environ.get("KOMPAS_TELEGRAM_API") or TELEGRAM
        check_address("KOMPAS_TELEGRAM_API", api, "http", "https")
        bot = f"{api.rstrip('/')}/bot{token}/sendMessage"
        send = partial(_to_telegram, bot, environ["KOMPAS_TELEGRAM_CHAT"])
        found.append(Channel("Telegram", send))
    return [*found, *_apprise_channels(environ.get("KOMPAS_MESSAGE_APPRISE", "").split())]


def _apprise_channels(urls: Sequence[str]) -> Iterator[Channel]:
    """Yield a channel for each Apprise URL. Redirects are not followed, and nothing is cached."""
    if not urls:
        return
    # They log URLs, with their secrets; what matters of it is in the result of `Apprise.notify`.
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).propagate = False
    with needing("KOMPAS_MESSAGE_APPRISE", "apprise"):
        import apprise

    asset = apprise.AppriseAsset(
        app_id="kompas_crawler", http_redirects=False, async_mode=False, storage_mode="memory"
    )
    for number, url in enumerate(urls, start=1):
        service = apprise.Apprise.instantiate(url, asset=asset)
        if service is None:
            raise BadArgument(
                f"KOMPAS_MESSAGE_APPRISE: address {number} is none that Apprise knows"
            )
        scheme = url.partition("://")[0].lower()
        if scheme == "mailto" and service.password:
            raise BadArgument(
                "KOMPAS_MESSAGE_APPRISE: mailto:// would send the password in the clear;"
                " write mailtos://"
            )
        sender = apprise.Apprise(service, asset=asset)
        yield Channel(f"Apprise {number} ({scheme})", partial(_by_apprise, sender))


def _by_apprise(sender: Apprise, message: Message, timeout: float) -> None:
    """Send through a service of Apprise; raise OSError with the status that its warnings name.

    The rest of them may hold a part of the URL: a password with an @ in it ends as the host.
    """
    result = sender.notify(
        title=message.subject,
        body=message.text,
        body_format="text",
        notify_type="warning",
        timeout=timeout,
    )
    if not result:
        status = re.search(r"error=([0-9]{3})\b", " ".join(each.message for each in result.logs()))
        raise OSError(0, f"HTTP {status[1]}" if status else "refused or unreachable")


def deliver(message: Message, ways: Sequence[Channel], timeout: float) -> Mapping[str, str]:
    """Send through all channels at once, waiting `timeout` seconds at most.

    Returns the reason of each failure by the name of its channel; the log holds them, too.
    """
    message = Message(
        subject=plain(message.subject),
        text=replaced(message.text),
        facts=in_all(message.facts, replaced),
    )
    deadline, failed = monotonic() + timeout, {}
    sendings = {way.name: Sending(partial(way.send, message, timeout)) for way in ways}
    for name, sending in sendings.items():
        sending.join(max(0.0, deadline - monotonic()))
        if failure := sending.failure:
            logger.error("No message was sent by %s: %s", name, failure)
            failed[name] = failure
        else:
            logger.info("Sent by %s: %s", name, message.subject)
    return failed
