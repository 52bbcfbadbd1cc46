<!doctype html>
<html>
<head><title>{{title}}</title><link rel="stylesheet" href="{{get('style', '/static/style.css')}}"></head>
<body>
<h1>{{title}}</h1>
{{!base}}
</body>
</html>
