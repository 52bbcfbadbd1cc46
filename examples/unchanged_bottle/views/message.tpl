% rebase("base", title=title)
<p>{{text}}</p>
