"""Pages that move without a kernel: notebooks and apps as HTML that opens from a file, offline.

`grid` computes an app's states ahead, `axes` pins what would jump, `thinning` keeps it small, `narrow` stacks panels for a
phone; `box` is an app in a page, `page.js` its sliders; `cells` and `mathematics` are the rest of a notebook; `page` and `site`
put it together. May be imported here: everything but the command line. nbconvert and latex2mathml (extra `lab`) in `cells` and
`mathematics` alone.
"""
