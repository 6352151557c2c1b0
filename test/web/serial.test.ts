import { describe, expect, expectTypeOf, it } from "vitest";
import type { LineSettings } from "../../src/transport/index.js";
import { type WebSerialPort, webSerial } from "../../src/web/index.js";
import { Collector } from "../transport/collector.js";

/** A port as a browser gives it, over the platform's own streams. */
class BrowserPort implements WebSerialPort {
  readonly log: string[] = [];
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  failure: unknown;
  #feed: ReadableStreamDefaultController<Uint8Array> | undefined;

  async open(options: LineSettings): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.log.push(`open ${options.baudRate} ${options.dataBits}${options.parity[0]}${options.stopBits}`);
    this.#newStream();
    this.writable = new WritableStream({ write: (bytes) => void this.log.push(`write ${[...bytes].join(",")}`) });
  }
  async close(): Promise<void> {
    if (this.readable?.locked || this.writable?.locked) throw new TypeError("a stream is locked");
    this.log.push("close");
    this.readable = null;
    this.writable = null;
  }
  async setSignals(signals: object): Promise<void> {
    this.log.push(JSON.stringify(signals));
  }
  getInfo() {
    return { usbVendorId: 0x403, usbProductId: 0x6001 };
  }
  receive(...bytes: number[]): void {
    this.#feed?.enqueue(Uint8Array.from(bytes));
  }
  /** As after a framing error: this stream ends with an error, the port has another. */
  breakStream(): void {
    const broken = this.#feed;
    this.#newStream();
    broken?.error(new Error("FramingError"));
  }
  unplug(): void {
    this.readable = null;
    this.#feed?.error(new Error("NetworkError"));
  }
  #newStream(): void {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#feed = controller;
      },
    });
  }
}

const fast: LineSettings = { baudRate: 1_000_000, dataBits: 8, parity: "none", stopBits: 1 };

async function opened(options = {}) {
  const port = new BrowserPort();
  const transport = webSerial(port, { line: fast, ...options }).createTransport();
  const heard = new Collector();
  await transport.open(heard);
  return { port, transport, heard };
}

describe("webSerial", () => {
  it("takes the browser's own port", () => {
    expectTypeOf<SerialPort>().toExtend<WebSerialPort>();
  });

  it("opens, sets the control lines, writes and reads", async () => {
    const { port, transport, heard } = await opened({ rts: true, dtr: false });
    expect(transport.name).toBe("web serial 0403:6001");
    await transport.write(Uint8Array.of(1, 2));
    port.receive(3, 4);
    await heard.until(() => heard.length === 2);
    expect(heard.bytes).toEqual([3, 4]);
    await transport.close();
    expect(port.log).toEqual([
      "open 1000000 8n1",
      '{"requestToSend":true,"dataTerminalReady":false}',
      "write 1,2",
      "close",
    ]);
    expect(heard.closings).toEqual([]);
  });

  it("changes the line by closing and opening, without telling a loss, and reads on", async () => {
    const { port, transport, heard } = await opened();
    await transport.setLine?.(fast);
    expect(port.log).toEqual(["open 1000000 8n1"]);
    await transport.setLine?.({ ...fast, dataBits: 7, parity: "even" });
    expect(port.log).toEqual(["open 1000000 8n1", "close", "open 1000000 7e1"]);
    port.receive(9);
    await heard.until(() => heard.length === 1);
    expect(heard.closings).toEqual([]);
    expect(transport.line?.parity).toBe("even");
    await transport.close();
  });

  it("goes on after a broken character", async () => {
    const { port, transport, heard } = await opened();
    port.receive(1);
    await heard.until(() => heard.length === 1);
    port.breakStream();
    port.receive(2);
    await heard.until(() => heard.length === 2);
    expect(heard.bytes).toEqual([1, 2]);
    await transport.close();
  });

  it("tells once when the device is pulled out, and then refuses to write", async () => {
    const { port, transport, heard } = await opened();
    port.unplug();
    await heard.until(() => heard.closings.length > 0);
    expect(heard.closings).toMatchObject([{ code: "connection-lost" }]);
    await expect(transport.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "connection-lost" });
    await transport.close();
    expect(heard.closings).toHaveLength(1);
  });

  it("names what keeps it from opening", async () => {
    for (const [name, code] of [
      ["InvalidStateError", "port-busy"],
      ["NetworkError", "port-busy"],
      ["SecurityError", "permission-denied"],
      ["OperationError", "connection-lost"],
    ]) {
      const port = new BrowserPort();
      port.failure = Object.assign(new Error("no"), { name });
      await expect(webSerial(port).createTransport().open(new Collector())).rejects.toMatchObject({ code });
    }
    const aborted = webSerial(new BrowserPort()).createTransport().open(new Collector(), AbortSignal.abort());
    await expect(aborted).rejects.toMatchObject({ code: "aborted" });
  });

  it("signs on in mode E at 300 baud 7E1", async () => {
    const port = new BrowserPort();
    const endpoint = webSerial(port, { start: "mode-e", baudRate: 9600 });
    expect(endpoint.signOn).toEqual({ mode: "mode-e", initialBaudRate: 300, maxBaudRate: 9600 });
    const transport = endpoint.createTransport();
    await transport.open(new Collector());
    expect(port.log).toEqual(["open 300 7e1"]);
    await transport.close();
  });
});
