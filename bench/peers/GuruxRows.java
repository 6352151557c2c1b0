// SPDX-License-Identifier: GPL-2.0-only
// Rows per second of Gurux's Java library on a profile buffer; a measurement's peer, not part of the npm package.
// Usage: java -cp gurux.dlms.jar:gurux.common.jar GuruxRows.java FILE ROWS   prints M rows/s
import gurux.dlms.GXByteBuffer;
import gurux.dlms.internal.GXCommon;
import gurux.dlms.internal.GXDataInfo;
import gurux.dlms.objects.GXDLMSClock;
import gurux.dlms.objects.GXDLMSData;
import gurux.dlms.objects.GXDLMSProfileGeneric;
import gurux.dlms.objects.GXDLMSRegister;
import gurux.dlms.secure.GXDLMSSecureClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

public class GuruxRows {
    public static void main(String[] args) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(args[0]));
        int rows = Integer.parseInt(args[1]);
        GXDLMSSecureClient client = new GXDLMSSecureClient(true);
        int rounds = Math.max(3, 150_000 / rows);
        double[] rates = new double[9];
        for (int k = -3; k < rates.length; k++) {
            long began = System.nanoTime();
            for (int i = 0; i < rounds; i++)
                if (decode(client, bytes) != rows) throw new IllegalStateException("rows");
            if (k >= 0) rates[k] = rows * (double) rounds * 1000 / (System.nanoTime() - began);
        }
        Arrays.sort(rates);
        System.out.println(rates[rates.length / 2]);
    }

    static int decode(GXDLMSSecureClient client, byte[] bytes) throws Exception {
        GXDLMSProfileGeneric profile = new GXDLMSProfileGeneric("1.0.99.1.0.255");
        profile.addCaptureObject(new GXDLMSClock(), 2, 0);
        profile.addCaptureObject(new GXDLMSData("0.0.96.10.1.255"), 2, 0);
        profile.addCaptureObject(new GXDLMSRegister("1.0.1.8.0.255"), 2, 0);
        profile.addCaptureObject(new GXDLMSRegister("1.0.2.8.0.255"), 2, 0);
        Object value = GXCommon.getData(null, new GXByteBuffer(bytes), new GXDataInfo());
        client.updateValue(profile, 2, value);
        return profile.getBuffer().length;
    }
}
