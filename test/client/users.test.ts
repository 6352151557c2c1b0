import { describe, expect, it } from "vitest";
import { connect, type Meter } from "../../src/client/index.js";
import { AssociationLnV2 } from "../../src/cosem/index.js";
import { type MockClient, MockMeter, mockCredentials } from "../../src/mock/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { clients } from "./mock.js";

const { password } = mockCredentials;
const known: MockClient = {
  clientSap: 2,
  authentication: { mechanism: "low", password },
  users: new Map([
    [7, "night shift"],
    [9, "fitter"],
  ]),
};
const anybody: MockClient = { clientSap: 3, authentication: { mechanism: "low", password } };

const withUser =
  (body: (connectAs: (userId?: number, client?: number) => Promise<Meter>) => Promise<void>) => async () => {
    const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
    const mock = new MockMeter({ clock, clients: [known, anybody], household: { days: 1, seed: 1 } });
    const endpoint = await mock.endpoint({ link: "wrapper" });
    const connectAs = (userId?: number, client = 2) =>
      connect(endpoint, { ...clients.reader, client, ...(userId !== undefined && { userId }) });
    await clock.run(body(connectAs));
  };
const association = (meter: Meter) => meter.object(AssociationLnV2, "0-0:40.0.0");

describe("users of a client", () => {
  it(
    "one of the list is let in, and is the current user",
    withUser(async (connectAs) => {
      const meter = await connectAs(9);
      expect(await association(meter).currentUser.get()).toEqual({ userId: 9, userName: "fitter" });
      expect(await association(meter).userList.get()).toHaveLength(2);
      await meter.close();
    }),
  );

  it.each([
    ["another one", 8],
    ["none at all", undefined],
  ])("%s is refused, and told why", (_, userId) =>
    withUser(async (connectAs) => {
      await expect(connectAs(userId)).rejects.toMatchObject({
        code: "association-rejected",
        details: { reason: "calling-AE-invocation-identifier-not-recognized" },
        advice: expect.stringContaining("userId"),
      });
    })(),
  );

  it(
    "are added and removed, which counts from the next association on",
    withUser(async (connectAs) => {
      const meter = await connectAs(7);
      await association(meter).addUser({ userId: 8, userName: "auditor" });
      await association(meter).removeUser({ userId: 9, userName: "fitter" });
      await expect(association(meter).removeUser({ userId: 99, userName: "" })).rejects.toMatchObject({
        code: "access-refused",
      });
      await meter.close();
      const auditor = await connectAs(8);
      expect(await association(auditor).currentUser.get()).toEqual({ userId: 8, userName: "auditor" });
      await auditor.close();
      await expect(connectAs(9)).rejects.toMatchObject({ code: "association-rejected" });
    }),
  );

  it(
    "are not told apart where the list is empty: with or without an id",
    withUser(async (connectAs) => {
      for (const userId of [undefined, 200]) {
        const meter = await connectAs(userId, 3);
        expect((await association(meter).currentUser.get()).userId).toBe(userId ?? 0);
        await meter.close();
      }
    }),
  );

  it("an id that is no octet is refused before anything is sent", async () => {
    const endpoint = await new MockMeter().endpoint();
    await expect(connect(endpoint, { userId: 256 })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
