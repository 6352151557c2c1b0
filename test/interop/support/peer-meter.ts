import { type ChildProcess, spawn } from "node:child_process";
import type { Plain } from "./plain.js";
import type { Link } from "./reference-meter.js";
import { meters } from "./report.js";

/** Ways in which one meter is served: by logical names, in general blocks, by short names, with keys of other suites. */
export type Variant = "ln" | "gbt" | "sn" | "suite1" | "suite2";

/**
 * A meter made of a peer. It holds a clock, a register of 4,294,967,295 x 10^-1 Wh, a text, a switch, and a profile of
 * 480 rows: quarters of an hour from 2026-01-01 00:15 Central European Time, and 1,000 + 7 times the number of the row.
 */
export interface PeerMeter {
  /** What it does not have is 0. */
  port(variant: Variant, link: Link): number;
  close(): Promise<void>;
}

const startLimitMs = 30_000;

export async function peerMeter(name: keyof typeof meters): Promise<PeerMeter> {
  const [command = "", ...args] = meters[name]();
  const child = spawn(command, args, { stdio: "pipe" });
  const ports = await listening(name, child);
  return {
    port: (variant, link) => ports[variant]?.[link] ?? 0,
    async close() {
      if (child.exitCode !== null) return;
      const ended = new Promise((done) => child.once("close", done));
      child.stdin?.end("\n");
      const timer = setTimeout(() => child.kill(), 3_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function listening(name: string, child: ChildProcess): Promise<Partial<Record<Variant, Record<Link, number>>>> {
  return new Promise((done, failed) => {
    let said = "";
    const timer = setTimeout(() => {
      child.kill();
      failed(new Error(`${name} did not listen in time: ${said}`));
    }, startLimitMs);
    const hear = (text: Buffer) => {
      said = (said + text).slice(-4000);
      const [, ports] = /listening (.*)\n/.exec(said) ?? [];
      if (ports === undefined) return;
      clearTimeout(timer);
      done(JSON.parse(ports));
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", failed);
    child.once("close", (code) => failed(new Error(`${name} ended with ${code}: ${said}`)));
  });
}

/** Row `number` of the meter's profile, counted from 1. */
export function row(number: number): Plain {
  const day = Math.floor(number / 96);
  const octets = [7, 0xea, 1, 1 + day, ((3 + day) % 7) + 1, Math.floor(number / 4) % 24, 15 * (number % 4), 0, 0];
  return [hexadecimal([...octets, 0xff, 0xc4, 0]), 1000 + 7 * number];
}

/** Rows from one number to another. */
export function rows(from: number, to: number): readonly Plain[] {
  return Array.from({ length: to - from + 1 }, (_, i) => row(from + i));
}

function hexadecimal(octets: readonly number[]): string {
  return octets.map((octet) => octet.toString(16).padStart(2, "0").toUpperCase()).join("");
}
