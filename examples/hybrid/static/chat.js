"use strict";
const byId = (id) => document.getElementById(id);

function show(text) {
  const line = document.createElement("li");
  line.textContent = text;
  byId("lines").append(line);
  byId("lines").scrollTop = byId("lines").scrollHeight;
}

byId("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/chat/${encodeURIComponent(byId("name").value)}`);
  socket.onopen = () => { byId("enter").hidden = true; byId("say").hidden = false; byId("text").focus(); };
  socket.onmessage = (message) => show(message.data);
  socket.onclose = () => { show("The connection is closed."); byId("enter").hidden = false; byId("say").hidden = true; };
  // The browser may keep a page that the user leaves, with its connection open: close it.
  addEventListener("pagehide", () => socket.close(), { once: true });
  byId("say").onsubmit = (said) => {
    said.preventDefault();
    socket.send(byId("text").value);
    byId("text").value = "";
  };
});
