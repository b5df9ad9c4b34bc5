// The future of a simulation: what happens when, the earliest first, and of one time what was planned first.

/** @typedef {{ time: number, order: number, act: () => void }} Event */

export class Events {
  /** Nanoseconds. */
  now = 0;
  #order = 0;
  /** A binary heap. @type {Event[]} */
  #heap = [];

  /** @param {number} time not before now @param {() => void} act */
  at(time, act) {
    const heap = this.#heap;
    const event = { time, order: this.#order++, act };
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = event;
  }

  /** Runs until nothing is left to happen. */
  run() {
    for (let event = this.#take(); event !== undefined; event = this.#take()) {
      this.now = event.time;
      event.act();
    }
  }

  /** @returns {Event | undefined} */
  #take() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (child >= heap.length || !isBefore(heap[child], last)) break;
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

/** @param {Event} one @param {Event} other */
const isBefore = (one, other) =>
  one.time < other.time || (one.time === other.time && one.order < other.order);
