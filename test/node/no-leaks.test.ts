import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const source = fileURLToPath(new URL("../../src/node/index.ts", import.meta.url));

/** What a process of its own does with every transport; it must end by itself when all is closed. */
const program = `
import { ptyListener, serial, tcp, tcpListener, udp, udpListener } from "${pathToFileURL(source).pathname}";
const handlers = { data() {}, closed() {} };
async function round(listener, endpoint) {
  const served = [];
  await listener.listen((transport) => { served.push(transport); void transport.open(handlers).catch(() => {}); });
  const transport = endpoint(listener).createTransport();
  await transport.open(handlers);
  await transport.write(Uint8Array.of(1, 2, 3));
  await transport.close();
  await listener.close();
}
const local = (listener) => ({ host: "127.0.0.1", port: listener.port });
await round(tcpListener({ port: 0 }), (listener) => tcp(local(listener)));
await round(udpListener({ port: 0 }), (listener) => udp(local(listener)));
if (process.platform === "linux") await round(ptyListener(), (listener) => serial({ path: listener.path }));
await tcp({ host: "127.0.0.1", port: 1 }).createTransport().open(handlers).catch(() => {});
await serial({ path: "/dev/no-such-port" }).createTransport().open(handlers).catch(() => {});
const controller = new AbortController();
const opening = tcp({ host: "192.0.2.1" }).createTransport().open(handlers, controller.signal).catch(() => {});
controller.abort();
await opening;
console.log("done");
`;

describe("handles", () => {
  it("a process that closed its transports ends by itself", async () => {
    const bundled = await build({
      stdin: { contents: program, resolveDir: fileURLToPath(new URL("../..", import.meta.url)), loader: "ts" },
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      packages: "external",
      alias: { "#crypto": fileURLToPath(new URL("../../src/node/crypto.ts", import.meta.url)) },
    });
    const code = bundled.outputFiles[0]?.text ?? "";
    const output = await new Promise<string>((resolve, reject) => {
      const child = execFile(
        process.execPath,
        ["--input-type=module", "-e", code],
        { cwd: fileURLToPath(new URL("../..", import.meta.url)), timeout: 15_000 },
        (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stderr}`)),
      );
      child.stdin?.end();
    });
    expect(output).toBe("done\n");
  });
});
