"""Pages for people: one module a role, each with the tuple `PAGES` of what it shows.

    PAGES = (Page("/holdings", "holdings.html.j2"),)

A page is the same for everyone and says nothing of the ledger: its data comes by fetch, for whoever has signed in, and
is kept on the device. So a service worker may keep all pages, and they open without network. `page` renders them,
`site` lists them and puts them into the app, `shell` has those of every role.
"""
