import { equalBytes } from "../base/index.js";
import { characterTimeMs, type LineSettings, line8n1 } from "../transport/index.js";
import { closePort, loadByteLengthParser, openPort, portCall } from "./serial-port.js";

/** What came back of the pattern that was sent. */
export interface EchoResult {
  /**
   * `none`: nothing, as with most probes over a meter. `echo`: the same octets, so the probe hears itself (or its
   * two sides are bridged). `garbled`: something else, as with reflections or a wrong speed.
   */
  readonly outcome: "none" | "echo" | "garbled";
  readonly sent: Uint8Array;
  readonly received: Uint8Array;
}

/** How the test is made. */
export interface EchoOptions {
  /** 8N1 at 9600 baud when left out. */
  readonly line?: LineSettings;
  /** Time allowed beyond that of the characters themselves, in milliseconds; 250 when left out. */
  readonly marginMs?: number;
}

/** No flag and no start of a message, so that a meter under the probe keeps silent. */
const pattern = Uint8Array.of(0x55, 0xaa, 0x00, 0xff, 0x0f, 0xf0, 0x33, 0xcc);

/**
 * The probe's loop-back test: sends a pattern and waits for as many octets.
 * @throws TransportError when the port cannot be opened.
 */
export async function probeEcho(path: string, options: EchoOptions = {}): Promise<EchoResult> {
  const line = options.line ?? line8n1(9600);
  const Parser = await loadByteLengthParser();
  const port = await openPort(path, line);
  try {
    const parser = port.pipe(new Parser({ length: pattern.length }));
    const timeoutMs = (options.marginMs ?? 250) + 2 * pattern.length * characterTimeMs(line);
    const answer = new Promise<Uint8Array>((resolve) => {
      // at the end the parser gives what it has
      const timer = setTimeout(() => parser.end(), timeoutMs);
      const finish = (bytes: Uint8Array) => {
        clearTimeout(timer);
        resolve(bytes);
      };
      parser.once("data", finish);
      parser.once("end", () => finish(new Uint8Array()));
    });
    await portCall(port, `testing ${path}`, (done) => port.write(pattern, done));
    await portCall(port, `testing ${path}`, (done) => port.drain(done));
    const received = new Uint8Array(await answer);
    const outcome = received.length === 0 ? "none" : equalBytes(received, pattern) ? "echo" : "garbled";
    return { outcome, sent: pattern.slice(), received };
  } finally {
    port.unpipe();
    await closePort(port);
  }
}
