// A field for any number of rows of another resource: a list of those that are chosen, and a field to find more.

import { plain } from "./json.js";
import { Chooser } from "./references.js";

export class ManyChooser {
  #control;
  #list;
  #chooser;

  constructor(control) {
    this.#control = control;
    this.#list = document.getElementById(control.dataset.list);
    this.#chooser = new Chooser(control, (value) => !this.#ids().some((id) => String(id) === value));
    control.dataset.ids = "[]";
    control.addEventListener("change", () => this.#take());
    // After the one of the list, which may have settled what was typed.
    control.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.#take();
      if (key === "Backspace" && control.value === "") this.#remove(this.#ids().at(-1));
    });
  }

  async load() {
    await this.#chooser.load();
    this.#show();
  }

  /** Shows the rows with these ids as chosen. */
  write(ids) {
    this.#control.value = "";
    this.#set(ids.map(plain));
  }

  #ids() {
    return JSON.parse(this.#control.dataset.ids);
  }

  #set(ids) {
    this.#control.dataset.ids = JSON.stringify(ids);
    this.#show();
  }

  /** Takes what was chosen into the list, and makes room for another. */
  #take() {
    const { dataset } = this.#control;
    if (dataset.chosen === undefined) return;
    const id = "hasTexts" in dataset ? dataset.chosen : Number(dataset.chosen);
    delete dataset.chosen;
    this.#control.value = "";
    this.#set([...new Set([...this.#ids(), id])]);
  }

  #remove(removed) {
    this.#set(this.#ids().filter((id) => id !== removed));
    this.#control.focus();
    this.#control.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #show() {
    const items = this.#ids().map((id) => this.#item(id));
    this.#list.replaceChildren(...items);
    this.#list.hidden = items.length === 0;
  }

  #item(id) {
    const label = this.#chooser.labelOf(id);
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "btn-close", ariaLabel: `Remove ${label}` });
    remove.addEventListener("click", () => this.#remove(id));
    const item = document.createElement("li");
    const text = Object.assign(document.createElement("span"), { textContent: label });
    item.append(text, remove);
    return item;
  }
}
