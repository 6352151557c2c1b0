import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { serial, serialListener, tcp, tcpListener, udp, udpListener } from "../../src/node/index.js";
import { systemError } from "../../src/node/system-error.js";
import { Collector } from "../transport/collector.js";

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** A bare server whose sockets a test treats as it likes; its port. */
async function server(onSocket: (socket: Socket) => void, options = {}): Promise<number> {
  const made = createServer(options, onSocket);
  servers.push(made);
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return (made.address() as AddressInfo).port;
}
const local = (port: number) => tcp({ host: "127.0.0.1", port });

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const port = await server(() => {});
  const made = servers.pop();
  await new Promise((resolve) => made?.close(resolve));
  return port;
}

describe("TCP faults", () => {
  it("says that nothing listens there", async () => {
    const port = await freePort();
    const error = await local(port)
      .createTransport()
      .open(new Collector())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "connection-refused", name: "TransportError" });
    expect((error as Error).message).toContain(`127.0.0.1:${port}`);
  });

  it("says that a host name is unknown", async () => {
    const unknown = tcp({ host: "no-such-host.invalid" }).createTransport();
    await expect(unknown.open(new Collector())).rejects.toMatchObject({ code: "host-not-found" });
  });

  it("gives up connecting in the time allowed, and when cancelled meanwhile", async () => {
    // an address of the documentation block: nothing answers, or the network refuses at once
    const endpoint = tcp({ host: "192.0.2.1", connectTimeoutMs: 50 });
    const failure = await endpoint
      .createTransport()
      .open(new Collector())
      .catch((thrown: unknown) => thrown);
    expect(["timeout", "connection-refused"]).toContain((failure as { code?: string }).code);
    const controller = new AbortController();
    const opening = endpoint.createTransport().open(new Collector(), controller.signal);
    controller.abort(new Error("changed my mind"));
    await expect(opening).rejects.toMatchObject({
      code: "aborted",
      details: { cause: { message: "changed my mind" } },
    });
  });

  it("hears a reset as a loss, and a half-closed peer as closed at once", async () => {
    const resetPort = await server((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const reset = new Collector();
    const first = local(resetPort).createTransport();
    await first.open(reset);
    await first.write(Uint8Array.of(1));
    await reset.until(() => reset.closings.length > 0);
    expect(reset.closings).toMatchObject([{ code: "connection-lost" }]);

    let halfClosed: Socket | undefined;
    const halfPort = await server(
      (socket) => {
        halfClosed = socket;
        socket.on("error", () => {});
        socket.end();
      },
      { allowHalfOpen: true },
    );
    const half = new Collector();
    const second = local(halfPort).createTransport();
    await second.open(half);
    await half.until(() => half.closings.length > 0);
    expect(half.closings).toEqual([undefined]);
    await expect(second.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "connection-lost" });
    halfClosed?.destroy();
  });

  it("closes in bounded time although the peer reads nothing, and its pending write fails", async () => {
    const sockets: Socket[] = [];
    const port = await server((socket) => {
      socket.on("error", () => {});
      sockets.push(socket.pause());
    });
    const transport = local(port).createTransport();
    await transport.open(new Collector());
    const stuck = transport.write(new Uint8Array(64 << 20));
    const outcome = expect(stuck).rejects.toMatchObject({ code: "connection-lost" });
    await transport.close();
    await outcome;
    for (const socket of sockets) socket.destroy();
  });

  it("delivers what came together with the close", async () => {
    const port = await server((socket) => socket.end(Uint8Array.of(1, 2, 3)));
    const heard = new Collector();
    await local(port).createTransport().open(heard);
    await heard.until(() => heard.closings.length > 0);
    expect(heard.bytes).toEqual([1, 2, 3]);
  });

  it("refuses to listen where another does, and ports that are none", async () => {
    const first = tcpListener({ port: 0 });
    await first.listen(() => {});
    expect(first.name).toBe(`tcp 127.0.0.1:${first.port}`);
    await expect(tcpListener({ port: first.port }).listen(() => {})).rejects.toMatchObject({ code: "port-busy" });
    await first.close();
    expect(() => tcp({ host: "meter", port: 70_000 })).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(tcp({ host: "fe80::1" }).createTransport().name).toBe("tcp [fe80::1]:4059");
  });

  it("ends accepted connections with the listener", async () => {
    const listener = tcpListener({ port: 0 });
    await listener.listen(() => {});
    const heard = new Collector();
    await local(listener.port).createTransport().open(heard);
    await listener.close();
    await heard.until(() => heard.closings.length > 0);
    expect(heard.closings).toHaveLength(1);
  });
});

describe("UDP faults", () => {
  it("says that a host name is unknown, and hears that nobody listens", async () => {
    const unknown = udp({ host: "no-such-host.invalid" }).createTransport();
    await expect(unknown.open(new Collector())).rejects.toMatchObject({ code: "host-not-found" });
    const port = await freePort();
    const heard = new Collector();
    const transport = udp({ host: "127.0.0.1", port }).createTransport();
    await transport.open(heard);
    await transport.write(Uint8Array.of(1));
    await heard.until(() => heard.closings.length > 0);
    expect(heard.closings).toMatchObject([{ code: "connection-refused" }]);
    await transport.close();
  });

  it("keeps peers apart, forgets the idle, and drops those above the limit", async () => {
    const names: string[] = [];
    const collectors: Collector[] = [];
    const listener = udpListener({ port: 0, idleTimeoutMs: 30, maxPeers: 2 });
    await listener.listen((transport) => {
      const heard = new Collector();
      names.push(transport.name);
      collectors.push(heard);
      void transport.open(heard);
    });
    const endpoint = udp({ host: "127.0.0.1", port: listener.port });
    const clients = [endpoint.createTransport(), endpoint.createTransport()];
    for (const [index, client] of clients.entries()) {
      await client.open(new Collector());
      await client.write(Uint8Array.of(index, 7));
    }
    await waitFor(() => collectors.length === 2);
    await Promise.all(collectors.map((heard) => heard.until(() => heard.length === 2)));
    expect(new Set(names).size).toBe(2);
    expect(collectors.map((heard) => heard.bytes[0]).sort()).toEqual([0, 1]);
    await Promise.all(collectors.map((heard) => heard.until(() => heard.closings.length === 1)));
    await Promise.all(clients.map((client) => client.close()));
    await listener.close();
  });
});

describe("serial faults", () => {
  it("says that there is no such port, for a client and a listener", async () => {
    const missing = serial({ path: "/dev/no-such-port" }).createTransport();
    await expect(missing.open(new Collector())).rejects.toMatchObject({ code: "port-not-found" });
    await expect(serialListener({ path: "/dev/no-such-port" }).listen(() => {})).rejects.toMatchObject({
      code: "port-not-found",
    });
  });

  it("tells the driver's words and the system's codes apart, with what to do", () => {
    const of = (error: Error & { code?: string }) => systemError(error, "opening serial /dev/ttyUSB0");
    const denied = of(new Error("Error: Permission denied, cannot open /dev/ttyUSB0"));
    expect(denied.code).toBe("permission-denied");
    expect(denied.advice).toContain("dialout");
    expect(of(new Error("Error: No such file or directory, cannot open /dev/ttyUSB0")).code).toBe("port-not-found");
    expect(of(new Error("Opening COM3: File not found")).code).toBe("port-not-found");
    expect(of(new Error("Opening COM3: Access denied")).code).toBe("permission-denied");
    expect(of(new Error("Error Resource temporarily unavailable Cannot lock port")).code).toBe("port-busy");
    expect(of(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })).code).toBe("connection-lost");
    expect(of(Object.assign(new Error("x"), { code: "ETIMEDOUT" }))).toMatchObject({
      code: "timeout",
      retryable: true,
    });
    expect(of(new Error("something new"))).toMatchObject({ code: "connection-lost" });
  });
});

/** Looks again at each turn of the event loop. */
async function waitFor(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}
