export interface Job {
  name: string;
  colour?: string;
  run?: () => Promise<void>;
}

/** First in, first out, without moving what waits. */
export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  add(item: T): this {
    this.#items.push(item);
    return this;
  }

  take(): T | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }
}

export function neverUsed(): string {
  return 'a bundler drops this';
}
