import { expect, it } from "vitest";
import { describeObis } from "../../src/cosem/index.js";

it.each([
  ["1-0:1.8.0*255", "active energy import, total"],
  ["1-0:1.8.2*255", "active energy import, total, rate 2"],
  ["1-0:2.8.0*3", "active energy export, total (billing period 3)"],
  ["1-0:1.7.0*255", "active power import"],
  ["1-0:32.7.0*255", "voltage L1"],
  ["1-0:71.7.0*255", "current L3"],
  ["1-1:1.29.0*255", "active energy import, in interval 1 (channel 1)"],
  ["1-0:1.6.0*255", "active power import, maximum"],
  ["1-0:99.1.0*255", "load profile, interval 1"],
  ["0-0:1.0.0*255", "clock"],
  ["0-0:40.0.0*255", "current association"],
  ["0-0:40.0.3*255", "association"],
  ["0-0:42.0.0*255", "logical device name"],
  ["0-0:10.0.106*255", "disconnect script table"],
  ["0-0:96.1.0*255", "serial number"],
  ["0-1:96.1.0*255", "serial number (channel 1)"],
  ["7-0:3.1.0*255", "gas"],
] as const)("%s is %s", (code, name) => {
  expect(describeObis(code)).toBe(name);
});

it.each(["1-0:128.0.0*255", "0-0:199.1.2*255", "15-0:1.8.0*255", "1-0:0.99.0*255"] as const)(
  "%s is not made up",
  (code) => {
    expect(describeObis(code)).toBeUndefined();
  },
);
