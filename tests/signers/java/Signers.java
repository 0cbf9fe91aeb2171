import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Takes orders as lines of tab-separated words and answers each with {@code ok}, {@code no} (not offered) or {@code failed}. */
final class Signers {
    private Signers() {}

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var answers = System.out;
        System.setOut(System.err); // what the libraries print is no answer
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(answer(line.split("\t", -1)));
            answers.flush();
        }
    }

    private static String answer(String[] words) {
        try {
            var order = new Order(words[0], words[1], new File(words[2]), new File(words[3]), new File(words[4]),
                words[5], words[6], new File(words[7]), words[8].toCharArray());
            boolean done = switch (order.program()) {
                case "itext" -> ITextSigner.carryOut(order);
                case "pdfbox" -> PdfBoxSigner.carryOut(order);
                case "dss" -> DssSigner.carryOut(order);
                case "openpdf" -> OpenPdfSigner.carryOut(order);
                case "jdk" -> JdkXmlSigner.carryOut(order);
                default -> throw new IllegalArgumentException(order.program());
            };
            return done ? "ok" : "no";
        } catch (Throwable error) { // a library's own fault: the caller shows it
            return "failed\t" + String.valueOf(error).replaceAll("\\s+", " ");
        }
    }
}
