const shown = "SecretKey(hidden)";

/**
 * Octets of a key or password that show nothing of themselves in text, JSON, `console.log` or inspection.
 * `destroy` overwrites them; afterwards the key is of no use.
 */
export class SecretKey {
  readonly #octets: Uint8Array;

  /** Copies the octets. */
  constructor(octets: Uint8Array) {
    this.#octets = octets.slice();
  }

  /** Wraps octets; a key that is one already is returned as it is. */
  static from(key: SecretKey | Uint8Array): SecretKey {
    return key instanceof SecretKey ? key : new SecretKey(key);
  }

  get length(): number {
    return this.#octets.length;
  }

  /** Lends the octets for the time of the call. They must not be kept, changed or shown. */
  use<T>(task: (octets: Uint8Array) => T): T {
    return task(this.#octets);
  }

  /** Overwrites the octets in memory. */
  destroy(): void {
    this.#octets.fill(0);
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}
