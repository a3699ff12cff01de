/**
 * Values in an isolate's memory, bounded in bytes as their makers estimate them; the longest unused
 * goes first.
 */
export class BoundedCache<V> {
  #kept = new Map<string, { value: V; bytes: number }>();
  #bytes = 0;
  readonly maxBytes: number;
  readonly #mostOfOne: number;

  /** `mostOfOne`: what takes more than this by itself is not kept; a quarter of the room when absent. */
  constructor(maxBytes: number, mostOfOne = maxBytes / 4) {
    this.maxBytes = maxBytes;
    this.#mostOfOne = mostOfOne;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): V | undefined {
    const found = this.#kept.get(key);
    if (!found) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  /** Keeps a value, unless it alone would take more than one may. */
  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    if (bytes > this.#mostOfOne) return;
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}
