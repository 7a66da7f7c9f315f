"""The pages that are no news: robots.txt, errors, a firewall's challenge."""

from __future__ import annotations

from kompas_standin.templates.pieces import Page

# The rules are those of the live file; the words are ours.
ROBOTS = """# The stand-in asks for the same manners as the site it stands in for:
# no automated collection without the publisher's written permission.
User-Agent: *
Disallow: /search/?q=
Disallow: /komentar/*
Disallow: /copy/*
Disallow: *?jxrecoid=*
Disallow: *?utm_source=*
Disallow: *?source=*

User-agent: GPTBot
Disallow: /

User-agent: CCBot
Disallow: /

User-Agent: PerplexityBot
Disallow: /

Sitemap: https://www.kompas.com/sitemap.xml
"""


def robots() -> Page:
    return [ROBOTS]


def simple(title: str) -> Page:
    return [
        (
            f'<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
            f"<body><h1>{title}</h1><p>Kembali ke beranda.</p></body>\n</html>\n"
        )
    ]


def challenge() -> Page:
    return [
        (
            "<!DOCTYPE html>\n<html>\n<head><title></title><script>"
            "window.awsWafCookieDomainList = []; window.gokuProps = {};"
            '</script><script src="https://token.awswaf.example/challenge.js"></script></head>\n'
            '<body><div id="challenge-container"></div></body>\n</html>\n'
        )
    ]
