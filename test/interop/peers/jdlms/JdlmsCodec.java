import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import com.beanit.asn1bean.ber.ReverseByteArrayOutputStream;
import org.openmuc.jdlms.internal.asn1.cosem.COSEMpdu;

/**
 * The codec that jDLMS has from the ASN.1 of the standard. Each line is an APDU in hexadecimal; the answer is what its
 * decoder makes of it, how many octets that left unread, and the octets that its encoder makes of that.
 */
public final class JdlmsCodec {
  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        ByteArrayInputStream octets = new ByteArrayInputStream(HexFormat.of().parseHex(line));
        COSEMpdu pdu = new COSEMpdu();
        pdu.decode(octets);
        ReverseByteArrayOutputStream encoded = new ReverseByteArrayOutputStream(65536, true);
        pdu.encode(encoded);
        String text = pdu.toString().replaceAll("\\s+", " ");
        System.out.println(octets.available() + " " + HexFormat.of().withUpperCase().formatHex(encoded.getArray()) + " " + text);
      } catch (Throwable error) {
        System.out.println("failed - " + error);
      }
    }
  }
}
