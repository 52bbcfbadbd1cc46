<%
mark = "x" if task["done"] else " "
%>
<li>[{{mark}}] <a href="/tasks/{{task['id']}}">{{task["title"]}}</a></li>
