import type { DlmsError } from "../../src/base/index.js";
import type { TransportHandlers } from "../../src/transport/index.js";

/** Keeps what a transport delivers, and wakes who waits for it. */
export class Collector implements TransportHandlers {
  readonly pieces: Uint8Array[] = [];
  closings: (DlmsError | undefined)[] = [];
  #waiters: { done: () => boolean; resolve: () => void }[] = [];

  data(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice());
    this.#wake();
  }
  closed(error?: DlmsError): void {
    this.closings.push(error);
    this.#wake();
  }
  get bytes(): number[] {
    return this.pieces.flatMap((piece) => [...piece]);
  }
  get length(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }
  until(done: (self: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ done: () => done(this), resolve });
      this.#wake();
    });
  }
  #wake(): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!waiter.done()) return true;
      waiter.resolve();
      return false;
    });
  }
}
