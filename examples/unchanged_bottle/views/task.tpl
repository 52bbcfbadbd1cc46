% rebase("base", title=title)
<form method="post">
<input name="title" value="{{task['title']}}">
<input type="checkbox" name="done"{{" checked" if task["done"] else ""}}>
<button>Save</button>
</form>
