"""The settings that differ from Scrapy's defaults, and those of this project.

The comment behind a setting states Scrapy's default. The project's own settings, all named
KOMPAS_…, come last. Any of them can be set for one run with `-s NAME=VALUE`.
"""

import os
from pathlib import Path

from scrapy.utils.conf import closest_scrapy_cfg

from kompas_crawler import __version__
from kompas_crawler.errors import BadArgument
from kompas_crawler.paths import read_path


def _output_dir() -> str:
    """Return an absolute path, since cron and Scrapyd start crawls in any directory.

    Without the environment variable KOMPAS_OUTPUT_DIR it is `output/` beside scrapy.cfg, or in the
    current directory where there is no scrapy.cfg, as under Scrapyd.
    """
    given = os.environ.get("KOMPAS_OUTPUT_DIR")
    if not given:
        return str((Path(closest_scrapy_cfg()).parent / "output").absolute())
    try:
        return str(read_path("KOMPAS_OUTPUT_DIR", given))
    except BadArgument:
        return given  # the command refuses it, in one sentence


# The project.
BOT_NAME = "kompas_crawler"  # default "scrapybot"
SPIDER_MODULES = ["kompas_crawler.spiders"]  # default []
NEWSPIDER_MODULE = "kompas_crawler.spiders"  # default ""
COMMANDS_MODULE = "kompas_crawler.commands"  # default ""

# Who sends the requests. The contact is added to the agent, see KOMPAS_CONTACT.
USER_AGENT = f"kompas_crawler/{__version__}"  # default "Scrapy/VERSION (+https://scrapy.org)"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",  # as default
    "Accept-Language": "id",  # default "en"
}

# Politeness: one request a second over all hosts, however fast Kompas answers.
ROBOTSTXT_OBEY = True  # default False
ROBOTSTXT_USER_AGENT = "kompas_crawler"  # default None, the agent with its contact and all
DOWNLOAD_DELAY = 1  # default 0
DOWNLOAD_DELAY_JITTER = 0  # default 0.5; it goes both ways, so half of the gaps would be shorter
AUTOTHROTTLE_ENABLED = True  # default False; if Kompas is slow, requests become slower
AUTOTHROTTLE_START_DELAY = 1  # default 5
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8
# With one request in hand nothing waits inside the downloader: a stopping run ends at once,
# and what is most urgent is requested next. At this pace more would not be faster.
CONCURRENT_REQUESTS = 1  # default 16

# Retries, redirects and limits.
RETRY_TIMES = 3  # default 2; they wait 2, 4 and 8 s, see KOMPAS_BACKOFF
RETRY_PRIORITY_ADJUST = 1  # default -1; one page finds out that Kompas is in trouble, not all
REDIRECT_MAX_TIMES = 5  # default 20
DOWNLOAD_TIMEOUT = 30  # default 180
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # default 1 GiB; the pages known have 46 to 261 kB
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False
DOWNLOAD_HANDLERS = {  # default HTTP11DownloadHandler, which repeats requests that Scrapy does not count
    "http": "kompas_crawler.download_handler.NoSilentRetryDownloadHandler",
    "https": "kompas_crawler.download_handler.NoSilentRetryDownloadHandler",
    "file": "kompas_crawler.warc.file_handler.SavedPageDownloadHandler",  # default FileDownloadHandler
}
COOKIES_ENABLED = False  # default True; the lists of 2016 kept their day in a cookie
METAREFRESH_ENABLED = False  # default True; a challenge reloads itself that way
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # default 100
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,  # default 500
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # default 550
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # default 590
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # default 600
    # An answer climbs from the last to the first: it is redirected, decompressed, retried, and
    # only what is left after that is judged.
    "kompas_crawler.middlewares.UserAgentMiddleware": 500,
    "kompas_crawler.middlewares.ResponseCheckMiddleware": 530,
    "kompas_crawler.middlewares.BlockMiddleware": 540,
    "kompas_crawler.middlewares.RobotsMiddleware": 545,
    "kompas_crawler.warc.writer.WarcMiddleware": 547,
    "kompas_crawler.middlewares.RetryMiddleware": 550,
    "kompas_crawler.middlewares.CompressionMiddleware": 590,
    "kompas_crawler.middlewares.RedirectMiddleware": 600,
    "kompas_crawler.middlewares.PaceMiddleware": 950,
}

# Items and the record of the run.
ITEM_PIPELINES = {
    "kompas_crawler.pipelines.Validate": 100,
    "kompas_crawler.pipelines.Deduplicate": 200,
    "kompas_crawler.pipelines.Store": 300,
}
EXTENSIONS = {
    "kompas_crawler.extensions.run_recorder.RunRecorder": 0,
    "kompas_crawler.extensions.heartbeat.Heartbeat": 50,
    "kompas_crawler.extensions.progress.Progress": 100,
    "scrapy.extensions.logstats.LogStats": None,  # default 0; see KOMPAS_PROGRESS
}

ADDONS = {
    "kompas_crawler.cli.logs.SafeLog": 0,
    # Several workers, one queue: only with KOMPAS_REDIS_URL.
    "kompas_crawler.fleet.Fleet": 0,
}

# Lists that cannot be read; and without what Scrapy does for every page to no use here.
SPIDER_MIDDLEWARES = {
    "kompas_crawler.middlewares.PageRefusedMiddleware": 100,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # default 800; see `urls`
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # default 900
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,  # default 1000
}
# It parses the source of a callback to see whether it returns a value; mypy reports that.
WARN_ON_GENERATOR_RETURN_VALUE = False  # default True

# Items. Four at a time: the default makes a hundred tasks for every page and halves the speed.
CONCURRENT_ITEMS = 4  # default 100
FEED_EXPORT_ENCODING = "utf-8"  # default None, which escapes what is not ASCII; for `-o` only

# The log describes the run, not every article.
LOG_LEVEL = "INFO"  # default "DEBUG"
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # default "WARNING", with the whole article in the line

STATS_DUMP = False  # default True; the run's line in crawls.jsonl has what matters

# No access to the running process.
TELNETCONSOLE_ENABLED = False  # default True
REMOTE_CONTROL_ENABLED = False  # default True; it executes the Python code it is sent

# Settings of this project.
KOMPAS_OUTPUT_DIR = _output_dir()
# An address where Kompas can reach the operator: `https://…` or `mailto:…`.
KOMPAS_CONTACT = os.environ.get("KOMPAS_CONTACT", "")
# "warc" keeps every page of an article below the output directory; so does `-a keep=warc`.
KOMPAS_KEEP = os.environ.get("KOMPAS_KEEP", "")
# Seconds; a longer Retry-After ends the run as `blocked`.
KOMPAS_RETRY_AFTER_MAX = 300
# Seconds before the first retry; each further one waits twice as long.
KOMPAS_BACKOFF = 2
# Blocked responses in a row before the run ends as `blocked`.
KOMPAS_BLOCKED_LIMIT = 3
# Requests in a row without a response after all retries before it ends as `unreachable`.
KOMPAS_UNREACHABLE_LIMIT = 5
# `since` of the international spider when nothing has been proven yet.
KOMPAS_FIRST_SINCE = "1d"
# Days. A run continues from a proof that ended longer ago only if the section has been followed
# since; otherwise that proof is of an older period that was crawled once.
KOMPAS_LONGEST_GAP_DAYS = 31
# Hours before the end of proven coverage where a run begins again: Kompas lists some pieces late.
KOMPAS_OVERLAP_HOURS = 12
# Runs that may fail to get an article while other articles came before it is given up.
KOMPAS_MAX_TRIES = 8
# How progress is shown: `live` redraws a few lines, `plain` writes a line to the log at intervals,
# `off` shows nothing; `auto` is live on a terminal and plain elsewhere.
KOMPAS_PROGRESS = os.environ.get("KOMPAS_PROGRESS", "auto")
# Seconds between two such lines of the log.
KOMPAS_PROGRESS_EVERY = 30
# Hours before the same incident is reported again; recipients: see `operations.channels`.
KOMPAS_MESSAGE_EVERY = 24
# Seconds that a notification may take after the run has ended.
KOMPAS_MESSAGE_TIMEOUT = 10
# A file for Prometheus's textfile collector; empty for none.
KOMPAS_METRICS_FILE = os.environ.get("KOMPAS_METRICS_FILE", "")
# The Redis through which workers share one crawl, see docs/many-machines.md; empty for none.
KOMPAS_REDIS_URL = os.environ.get("KOMPAS_REDIS_URL", "")
# A name for each of several workers that write to one output directory.
KOMPAS_WORKER = os.environ.get("KOMPAS_WORKER", "")
# Seconds after which another worker takes over the requests of a dead one.
KOMPAS_LEASE = 60
# 1 for a Redis on 127.0.0.1 without a password, as tests have it: every user of this machine may
# then write to the queue.
KOMPAS_REDIS_TRUST = os.environ.get("KOMPAS_REDIS_TRUST", "0")
