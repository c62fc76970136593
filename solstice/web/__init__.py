"""The web app: pages, scripts, styles, the service worker and the catalogues of texts.

The first HTML of the feed already holds the first clip, so its first frame waits for no
script; from there small elements talk to `/v1`.  There is no SQL here, no third-party request
and no inline script.  Nothing imports this feature but `app.py`.
"""
