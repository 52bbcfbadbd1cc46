% rebase("base", title=title)
<p>\\
% for name in ("open", "done", "all"):
<a href="?show={{name}}"{{!' class="here"' if name == show else ''}}>{{name}}</a> \\
% end
</p>
<ul>
% for task in tasks:
  % include("row", task=task)
% end
% if not tasks:
<li><em>Nothing.</em></li>
% end
</ul>
% if last:
<p>Added last: {{last}}</p>
% end
<form method="post"><input name="title"><button>Add</button></form>
