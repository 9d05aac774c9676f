// Masks what comes in: java -cp gwplugins-0.1.0.jar:jna-5.18.1.jar Mask.java [KIND [CONFIG_JSON]] <in >out

import io.gwplugins.Guard;
import io.gwplugins.GwpluginsException;
import io.gwplugins.Rewrite;
import java.io.IOException;

/** Writes nothing and ends with 1 when the content must not pass, and with 2 when the guard cannot be made or fails. */
public final class Mask {
    public static void main(String[] arguments) throws IOException {
        String kind = arguments.length > 0 ? arguments[0] : "pii_filter";
        String config = arguments.length > 1 ? arguments[1] : "{}";
        try (Guard guard = Guard.of(kind, config)) {
            Rewrite<byte[]> answer = guard.rewrite(System.in.readAllBytes());
            if (answer.blocked()) {
                System.err.println("the content must not pass");
                System.exit(1);
            }
            System.out.write(answer.output());
            System.out.flush();
        } catch (GwpluginsException e) {
            System.err.println(e);
            System.exit(2);
        }
    }
}
