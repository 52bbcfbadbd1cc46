"use strict";

const list = document.querySelector("#messages");
const join = document.querySelector("#join");
const say = document.querySelector("#say");

join.addEventListener("submit", (event) => {
  event.preventDefault();
  const nick = join.elements.nick.value;
  const address = new URL(`rooms/${join.elements.room.value}/ws?nick=${nick}`, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  socket.addEventListener("message", (received) => {
    const message = JSON.parse(received.data);
    const line = document.createElement("li");
    line.textContent = `${message.sender}: ${message.text}`;
    list.append(line);
  });
  socket.addEventListener("open", () => {
    join.hidden = true;
    say.hidden = false;
    fetch("nick", { method: "PUT", body: new URLSearchParams({ nick }) });
  });
  socket.addEventListener("close", () => {
    join.hidden = false;
    say.hidden = true;
  });
  say.onsubmit = (submitted) => {
    submitted.preventDefault();
    socket.send(say.elements.text.value);
    say.reset();
  };
});
