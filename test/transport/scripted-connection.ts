import type { Connection } from "../../src/base/index.js";

/** A connection whose moves a test writes down; it keeps what happened to it. */
export class ScriptedConnection implements Connection<Uint8Array, string> {
  readonly log: string[] = [];
  readonly outputs: Uint8Array[] = [];
  readonly events: string[] = [];
  deadline: number | undefined;
  onReceive: (bytes: Uint8Array, now: number) => void = () => {};
  onTimeout: (now: number) => void = () => {};

  receive(bytes: Uint8Array, now: number): void {
    this.log.push(`receive ${[...bytes].join(",")} @${now}`);
    this.onReceive(bytes, now);
  }
  send(command: Uint8Array, _now: number): void {
    this.outputs.push(command);
  }
  nextEvent(): string | undefined {
    return this.events.shift();
  }
  takeOutput(): Uint8Array | undefined {
    return this.outputs.shift();
  }
  handleTimeout(now: number): void {
    this.log.push(`timeout @${now}`);
    this.deadline = undefined;
    this.onTimeout(now);
  }
}
