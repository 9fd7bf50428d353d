// A button that asks the kernel for a file and saves what comes back.
function render({ model, el }) {
  const button = document.createElement("button");
  button.className = "jupyter-button widget-button wb-download";
  button.type = "button";
  button.textContent = model.get("label");
  const done = () => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    setTimeout(done, 20000);
    model.send({ ask: "file" });
  });
  model.on("msg:custom", (message, buffers) => {
    done();
    if (!message.name) return;
    const url = URL.createObjectURL(new Blob([buffers[0]], { type: message.mime }));
    const link = document.createElement("a");
    link.href = url;
    link.download = message.name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  });
  el.appendChild(button);
}
export default { render };
