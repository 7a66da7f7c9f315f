"""Where does this project differ from Scrapy's defaults, and why?

Every line differs; the default stands behind it. Ours, all named KOMPAS_…, come last. Any of them
can be set for one run with `-s NAME=VALUE`.
"""

import os
from pathlib import Path

from scrapy.utils.conf import closest_scrapy_cfg

from kompas_crawler import __version__
from kompas_crawler.cli.paths import read_path
from kompas_crawler.errors import BadArgument


def _output_dir() -> str:
    """Return an absolute path: cron and Scrapyd start a crawl from any directory.

    Without the environment's word it is `output/` beside scrapy.cfg, or, where there is none as
    under Scrapyd, in the current directory.
    """
    told = os.environ.get("KOMPAS_OUTPUT_DIR")
    if not told:
        return str((Path(closest_scrapy_cfg()).parent / "output").absolute())
    try:
        return str(read_path("KOMPAS_OUTPUT_DIR", told))
    except BadArgument:
        return told  # the command refuses it, in one sentence


# The project.
BOT_NAME = "kompas_crawler"  # default "scrapybot"
SPIDER_MODULES = ["kompas_crawler.spiders"]  # default []
NEWSPIDER_MODULE = "kompas_crawler.spiders"  # default ""
COMMANDS_MODULE = "kompas_crawler.commands"  # default ""

# Who asks. The contact is added to the agent, see KOMPAS_CONTACT.
USER_AGENT = f"kompas_crawler/{__version__}"  # default "Scrapy/VERSION (+https://scrapy.org)"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",  # as default
    "Accept-Language": "id",  # default "en"
}

# Be a polite guest: one request a second over all hosts, however fast Kompas answers.
ROBOTSTXT_OBEY = True  # default False
ROBOTSTXT_USER_AGENT = "kompas_crawler"  # default None, the agent with its contact and all
DOWNLOAD_DELAY = 1  # default 0
DOWNLOAD_DELAY_JITTER = 0  # default 0.5; it goes both ways, so half of the gaps would be shorter
AUTOTHROTTLE_ENABLED = True  # default False; a slow Kompas is asked more slowly
AUTOTHROTTLE_START_DELAY = 1  # default 5
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8
# With one request in hand nothing waits inside the downloader: a run that is told to stop stops,
# and what is most urgent is asked for next. At this pace more would not be faster.
CONCURRENT_REQUESTS = 1  # default 16

# Be a patient and a careful one.
RETRY_TIMES = 3  # default 2; they wait 2, 4 and 8 s, see KOMPAS_BACKOFF
RETRY_PRIORITY_ADJUST = 1  # default -1; one page finds out that Kompas is in trouble, not all
REDIRECT_MAX_TIMES = 5  # default 20
DOWNLOAD_TIMEOUT = 30  # default 180
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # default 1 GiB; the pages known have 46 to 261 kB
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False
DOWNLOAD_HANDLERS = {  # default HTTP11DownloadHandler, which asks again behind Scrapy's back
    "http": "kompas_crawler.middlewares.OnceDownloadHandler",
    "https": "kompas_crawler.middlewares.OnceDownloadHandler",
}
COOKIES_ENABLED = False  # default True; the lists of 2016 kept their day in a cookie
METAREFRESH_ENABLED = False  # default True; a challenge reloads itself that way
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # default 100
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,  # default 500
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # default 550
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # default 590
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # default 600
    # An answer climbs from the last to the first: it is led on, unpacked, asked for again, and
    # only what is left after that is judged.
    "kompas_crawler.middlewares.UserAgentMiddleware": 500,
    "kompas_crawler.middlewares.BodyMiddleware": 530,
    "kompas_crawler.middlewares.BlockMiddleware": 540,
    "kompas_crawler.middlewares.RobotsMiddleware": 545,
    "kompas_crawler.warc.writer.KeepPages": 547,
    "kompas_crawler.middlewares.RetryMiddleware": 550,
    "kompas_crawler.middlewares.SizeMiddleware": 590,
    "kompas_crawler.middlewares.RedirectMiddleware": 600,
    "kompas_crawler.middlewares.PaceMiddleware": 950,
}

# What happens to an article, and who keeps the books.
ITEM_PIPELINES = {
    "kompas_crawler.pipelines.Validate": 100,
    "kompas_crawler.pipelines.Deduplicate": 200,
    "kompas_crawler.pipelines.Store": 300,
}
EXTENSIONS = {
    "kompas_crawler.extensions.run_recorder.RunKeeper": 0,
    "kompas_crawler.extensions.heartbeat.Heartbeat": 50,
    "kompas_crawler.extensions.progress.Progress": 100,
    "scrapy.extensions.logstats.LogStats": None,  # default 0; see KOMPAS_PROGRESS
}

ADDONS = {
    "kompas_crawler.cli.logs.SafeLog": 0,
    # Several workers, one queue: only with KOMPAS_REDIS_URL.
    "kompas_crawler.fleet.Fleet": 0,
}

# A list that cannot be read, and what Scrapy would do again for every page and nobody needs.
SPIDER_MIDDLEWARES = {
    "kompas_crawler.middlewares.Unreadable": 100,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # default 800; see `urls`
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # default 900
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,  # default 1000
}
# It parses the source of a callback to see whether it returns a value; mypy has told us before.
WARN_ON_GENERATOR_RETURN_VALUE = False  # default True

# Items. Four at a time: the default makes a hundred tasks for every page and halves the speed.
CONCURRENT_ITEMS = 4  # default 100
FEED_EXPORT_ENCODING = "utf-8"  # default None, which escapes what is not ASCII; for `-o` only

# The log tells the run, not every article.
LOG_LEVEL = "INFO"  # default "DEBUG"
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # default "WARNING", with the whole article in the line

STATS_DUMP = False  # default True; the run's line in crawls.jsonl tells what matters

# No doors into the running process.
TELNETCONSOLE_ENABLED = False  # default True
REMOTE_CONTROL_ENABLED = False  # default True; it executes the Python code it is sent

# Ours.
KOMPAS_OUTPUT_DIR = _output_dir()
# An address where Kompas can reach whoever runs this: `https://…` or `mailto:…`.
KOMPAS_CONTACT = os.environ.get("KOMPAS_CONTACT", "")
# "warc" keeps every page of an article below the output directory; so does `-a keep=warc`.
KOMPAS_KEEP = os.environ.get("KOMPAS_KEEP", "")
# Seconds; a longer Retry-After ends the run as `blocked`.
KOMPAS_RETRY_AFTER_MAX = 300
# Seconds before the first retry; each further one waits twice as long.
KOMPAS_BACKOFF = 2
# Answers in a row that turn us away, before the run ends as `blocked`.
KOMPAS_BLOCKED_LIMIT = 3
# Requests in a row that got no answer after all retries, before it ends as `unreachable`.
KOMPAS_UNREACHABLE_LIMIT = 5
# What the section's spider asks for when nothing has been proven yet.
KOMPAS_FIRST_SINCE = "1d"
# Days. A proof that ended longer ago is where a run begins only if the section has been followed
# since; else it is a piece of the past that somebody once asked for.
KOMPAS_LONGEST_GAP_DAYS = 31
# Hours before the end of proven coverage where a run begins again: Kompas lists some pieces late.
KOMPAS_OVERLAP_HOURS = 12
# Runs that may fail to get an article while other articles came, before it is given up.
KOMPAS_MAX_TRIES = 8
# How a run shows what it does: `live` redraws a few lines, `plain` writes one to the log now and
# then, `off` is silent; `auto` is live on a terminal and plain elsewhere.
KOMPAS_PROGRESS = os.environ.get("KOMPAS_PROGRESS", "auto")
# Seconds between two such lines of the log.
KOMPAS_PROGRESS_EVERY = 30
# Hours before the same trouble is told again; whom to tell is in the environment, see `operations.notifications`.
KOMPAS_MESSAGE_EVERY = 24
# Seconds that telling may take; the run has ended before.
KOMPAS_MESSAGE_TIMEOUT = 10
# A file for Prometheus's textfile collector; empty for none.
KOMPAS_METRICS_FILE = os.environ.get("KOMPAS_METRICS_FILE", "")
# The Redis through which workers share one crawl, see docs/many-machines.md; empty for none.
KOMPAS_REDIS_URL = os.environ.get("KOMPAS_REDIS_URL", "")
# A name for each of several workers that write to one output directory.
KOMPAS_WORKER = os.environ.get("KOMPAS_WORKER", "")
# Seconds after which another worker asks for what a dead one had in hand.
KOMPAS_LEASE = 60
# 1 for a Redis on 127.0.0.1 without a password, as tests have it: every user of this machine may
# then write to the queue.
KOMPAS_REDIS_TRUST = os.environ.get("KOMPAS_REDIS_TRUST", "0")
