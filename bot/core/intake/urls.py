"""Addresses of articles: one spelling for each, so that two feeds that link one page are seen to.

What is dropped changes nothing about the page that opens: campaign tags, fragments, default ports, passwords, wrappers
that only count the click. The order of parameters is kept, for some servers care.
"""

import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

# A longer address is refused by Discord's embeds and Telegram's buttons (2,048 characters each).
LONGEST_URL = 2048
_LONGEST_SEEN = 5 * LONGEST_URL  # before campaign tags and wrappers are gone

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\]")
_LONGEST_HOST = 253  # RFC 1035, section 2.3.4
_JUNK = " \t\r\n\"'<>`\\\u00a0\u200b\ufeff"
_IN_PATH = "/:@!$&'()*+,;=~%"
_IN_QUERY = _IN_PATH + "?"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")

# Names as the services document them: Google Analytics and Ads, Matomo, AT Internet, HubSpot, Webtrekk, Mailchimp,
# Marketo, Meta, Microsoft, Yandex, X, TikTok, and what the feeds of our own sources append.
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "matomo_", "at_", "hsa_", "wt_", "ns_", "_hs", "oly_", "vero_")
_TRACKING_NAMES = """
fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid _openstat twclid ttclid igshid igsh mc_cid mc_eid mkt_tok
_ga _gl ref_src ref_url cmpid cmp ocid s_cid smid smtyp xtor xtcr traffic_source maca emc sr_share ftag guccounter
guce_referrer guce_referrer_sig __twitter_impression
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())
_FEED_TAGS = {"partner": "rss", "source": "rss", "ref": "rss", "from": "rss", "feed": "rss", "src": "rss"}

# Hosts and paths whose only work is to send the reader on, and the parameter that says where to.
_WRAPPERS = {
    ("google.com", "/url"): ("url", "q"),
    ("bing.com", "/news/apiclick.aspx"): ("url",),
    ("l.facebook.com", "/l.php"): ("u",),
    ("lm.facebook.com", "/l.php"): ("u",),
    ("vk.com", "/away.php"): ("to",),
    ("t.me", "/iv"): ("url",),
    ("out.reddit.com", "/"): ("url",),
    ("youtube.com", "/redirect"): ("q",),
}


def canonical_url(url: str) -> str | None:
    """The one spelling of an article's address; None unless it is http(s) with a proper host. Idempotent."""
    spelled, before = _spelled(url), None
    while spelled and spelled != before:  # ends: what is inside, or left when an empty end is dropped, is shorter
        spelled, before = _spelled(_unwrapped(spelled) or spelled), spelled
    return spelled


def shown_url(url: str) -> str | None:
    """The address to show for an article: the canonical one with the place in the page, if the link names one."""
    canonical = canonical_url(url)
    if canonical is None or canonical != _spelled(url):  # the place is on the wrapper's page
        return canonical
    fragment = _escaped(urlsplit(url.strip(_JUNK)).fragment, _IN_QUERY)
    shown = f"{canonical}#{fragment}"
    return shown if fragment and len(shown) <= LONGEST_URL else canonical


def _spelled(url: str) -> str | None:
    if len(url) > _LONGEST_SEEN:
        return None
    try:
        parts = urlsplit(url.strip(_JUNK))
        port = parts.port
    except ValueError:
        return None
    host = _host(parts.hostname or "")
    if parts.scheme not in _PORTS or not host:
        return None
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    path = _escaped(parts.path, _IN_PATH) or "/"
    pieces = (_escaped(piece, _IN_QUERY) for piece in parts.query.split("&") if piece)
    query = "&".join(piece for piece in pieces if not _is_tracking(piece))
    spelled = f"{parts.scheme}://{netloc}{path}" + (f"?{query}" if query else "")
    return spelled if len(spelled) <= LONGEST_URL else None


def _host(name: str) -> str | None:
    bare = name.rstrip(".")
    if ":" in bare:
        bare = f"[{bare}]"
    elif not bare.isascii():
        try:
            bare = bare.encode("idna").decode()
        except UnicodeError:
            return None
    return bare if len(bare) <= _LONGEST_HOST and _HOST.fullmatch(bare) else None


def _escaped(text: str, safe: str) -> str:
    quoted = quote(_STRAY_PERCENT.sub("%25", text), safe=safe, errors="replace")
    return _ESCAPE.sub(lambda match: match[0].upper(), quoted)


def _is_tracking(piece: str) -> bool:
    name, _, value = unquote(piece).lower().partition("=")
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES) or _FEED_TAGS.get(name) == value


def _unwrapped(url: str) -> str | None:
    """Where a wrapper leads, if its address alone says so and the target is http(s)."""
    parts = urlsplit(url)
    names = _WRAPPERS.get((parts.netloc.removeprefix("www."), parts.path))
    if names is None:
        return None
    params = dict(reversed(parse_qsl(parts.query)))
    targets = (params[name] for name in names if name in params)
    return next((target for target in targets if _spelled(target)), None)
