// The leaves' sliders and number fields.

const LARGEST = 1e300; // a slider can't show more

/** Round numbers around x for a slider: its ends and its step. */
function rangeAround(x) {
  const size = Math.abs(x) > 1e-300 ? Math.abs(x) : 0.5;
  const half = Math.max(2 * size, Math.min(1, 10 * size));
  const step = 10 ** Math.floor(Math.log10(half / 50));
  const rounded = (number, to) => Number((to(number / step) * step).toPrecision(12));
  return { min: rounded(x - half, Math.floor), max: rounded(x + half, Math.ceil), step: Number(step.toPrecision(1)) };
}

/** One leaf's row; ``changed`` hears of each new number, undefined for the drawn one. */
class LeafRow {
  constructor(template, name, drawn, changed) {
    this.element = template.content.firstElementChild.cloneNode(true);
    const part = (selector) => this.element.querySelector(selector);
    [this.slider, this.field, this.reset, this.gradient] = [".slider", ".field", ".reset", ".gradient"].map(part);
    part(".name").textContent = name;
    for (const [control, what] of [[this.slider, "slider"], [this.field, "number"], [this.reset, "reset"]]) {
      control.setAttribute("aria-label", `${name}: ${what}`);
    }
    this.drawn = drawn;
    this.changed = changed;
    this.listen();
    this.show(undefined, true);
  }

  listen() {
    this.slider.addEventListener("input", () => this.take(this.slider.value, this.field));
    this.field.addEventListener("input", () => this.take(this.field.value, this.slider));
    this.field.addEventListener("change", () => this.show(this.number, true));
    this.reset.addEventListener("click", () => this.restore());
  }

  /** A number from one of the controls; what isn't one, or isn't finite, is passed over. */
  take(text, other) {
    const number = Number(text);
    if (text.trim() === "" || !Number.isFinite(number)) return;
    this.number = Object.is(number, this.drawn) ? undefined : number;
    this.write(other);
    this.reset.disabled = this.number === undefined;
    this.changed(this.number);
  }

  restore() {
    this.show(undefined, true);
    this.changed(undefined);
  }

  show(number, fit) {
    this.number = number;
    if (fit) this.fit(number ?? this.drawn);
    this.write(this.slider);
    this.write(this.field);
    this.reset.disabled = number === undefined;
  }

  /** The slider's range, unless the number lies well inside. */
  fit(x) {
    this.slider.disabled = !(Math.abs(x) < LARGEST);
    const inside = x > Number(this.slider.min) && x < Number(this.slider.max) && this.slider.step !== "";
    if (this.slider.disabled || (inside && this.number !== undefined)) return;
    Object.assign(this.slider, rangeAround(x));
  }

  write(control) {
    const x = this.number ?? this.drawn;
    if (Number.isFinite(x)) control.value = exact(x);
    else control.placeholder = shortNumber(x);
  }
}
