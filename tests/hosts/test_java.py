"""The Java binding: its own tests on each JVM against what `make install` put in place, and the jar as a user gets it.

Everything runs in copies outside the checkout; Maven fetches JNA, JUnit and its plugins.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from gw_hosts import PAGE, ROOT, SAID, check_bench, check_example, code_of, missing, run
from redis_servers import Server, running

BINDING = ROOT / "bindings/java"
POM = "{http://maven.apache.org/POM/4.0.0}"
NATIVE = "--enable-native-access=ALL-UNNAMED"

#: A JVM and a back end that it has.
WAYS = [("new", "ffm"), ("new", "jna"), ("old", "jna")]

#: A library of another ABI, as far as a binding looks at it.
OTHER_ABI = """\
unsigned gwp_abi_version(void) { return 2u << 16 | 3u; }
int gwp_abi_supports(unsigned major, unsigned minor) { (void)minor; return major == 2; }
"""

#: A library of ABI 1.0, which is linked with the real one for everything else.
OLDER = """\
unsigned gwp_abi_version(void) { return 1u << 16; }
int gwp_abi_supports(unsigned major, unsigned minor) { return major == 1 && minor == 0; }
"""

#: Prints what an older library cannot do, and what it can.
OLDER_PROGRAM = """\
import io.gwplugins.Codec;
import io.gwplugins.Guard;
import io.gwplugins.Guards;
import io.gwplugins.LibraryException;
import io.gwplugins.Limiter;

public class Older {
    static void refused(Runnable call) {
        try {
            call.run();
        } catch (LibraryException e) {
            System.out.println(e.getMessage().replace(Guards.load(), "It"));
        }
    }

    public static void main(String[] args) {
        refused(() -> Limiter.of("{}"));
        refused(Limiter::schema);
        refused(() -> Codec.of("gzip"));
        refused(Codec::names);
        System.out.println(Guard.of("pii_filter").rewrite("jane@example.com").output());
    }
}
"""

#: Asks a limiter that counts here and one that counts in Redis the same; prints how often they said the same.
COUNTED = """\
import io.gwplugins.CheckOptions;
import io.gwplugins.Decision;
import io.gwplugins.Key;
import io.gwplugins.Lease;
import io.gwplugins.Limiter;
import io.gwplugins.RedisCommand;
import io.gwplugins.RedisRequest;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

public class Counted {
    static final long SECOND = 1_000_000_000;
    static Socket socket;
    static BufferedReader answers;
    static Limiter limiter;
    static int same;

    static void word(ByteArrayOutputStream all, byte[] word) {
        all.writeBytes(("$" + word.length + "\\r\\n").getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(word);
        all.writeBytes("\\r\\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** The numbers of a reply; null when the server does not know the script. */
    static long[] call(String name, String script, RedisCommand command) throws IOException {
        List<byte[]> words = new ArrayList<>();
        for (String text : List.of(name, script, "" + command.keys().size())) words.add(text.getBytes("UTF-8"));
        words.addAll(command.keys());
        words.addAll(command.arguments());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(("*" + words.size() + "\\r\\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] one : words) word(all, one);
        socket.getOutputStream().write(all.toByteArray());
        String head = answers.readLine();
        if (head.startsWith("-NOSCRIPT")) return null;
        if (!head.startsWith("*")) throw new IOException(head);
        long[] numbers = new long[Integer.parseInt(head.substring(1))];
        for (int at = 0; at < numbers.length; at++) numbers[at] = Long.parseLong(answers.readLine().substring(1));
        return numbers;
    }

    static long[] send(Key key, RedisRequest request) throws IOException {
        RedisCommand command = limiter.command(key, request);
        if (command.isEmpty()) return new long[0];
        long[] known = call("EVALSHA", command.sha(), command);
        return known == null ? call("EVAL", limiter.script(request.operation()), command) : known;
    }

    static Decision redis(Key key, RedisRequest request) throws IOException {
        return limiter.readReply(key, request, send(key, request));
    }

    static void compare(Object here, Object there) {
        if (!here.equals(there)) throw new IllegalStateException(here + " is not " + there);
        same++;
    }

    public static void main(String[] args) throws IOException {
        socket = new Socket("127.0.0.1", Integer.parseInt(args[0]));
        answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        limiter = Limiter.of("{\\"by_user\\": \\"5/s, 40/m\\", \\"by_tenant\\": \\"60/m\\", "
                + "\\"dimensions\\": [{\\"name\\": \\"model\\", \\"concurrency\\": 2}]}");
        for (int call = 0; call < 100; call++) {
            Key key = Key.of("user" + call % 3, call % 5 == 0 ? null : "tenant", null);
            long now = 1000 * SECOND + call * SECOND / 9;
            CheckOptions options = CheckOptions.DEFAULT.withCost(1 + call % 2).withNowNs(now).withDetails();
            compare(limiter.peek(key, options), redis(key, RedisRequest.peek(options)));
            Decision decision = limiter.check(key, options);
            compare(decision, redis(key, RedisRequest.check(options)));
            if (!decision.allowed() || call % 7 != 0) continue;
            RedisRequest settle = RedisRequest.settle(1 + call % 2, now, 3, now);
            compare(limiter.settle(key, 1 + call % 2, now, 3, now), redis(key, settle));
        }
        Key model = Key.of(null, null, "large");
        CheckOptions at = CheckOptions.DEFAULT.withNowNs(2000 * SECOND);
        for (long number = 1; number <= 3; number++) {
            Lease lease = limiter.acquire(model, at);
            compare(lease.decision(), redis(model, RedisRequest.acquire(at, number)));
            compare(lease.number(), number == 3 ? 0L : number);
        }
        for (long number = 1; number <= 3; number++) {
            boolean there = send(model, RedisRequest.release(number, 2000 * SECOND))[0] == 1;
            compare(limiter.release(model, number, 2000 * SECOND), there);
        }
        Key all = Key.of("user0", "tenant", "large");
        compare(limiter.reset(all, 2000 * SECOND), send(all, RedisRequest.reset(2000 * SECOND))[0]);
        System.out.println("same " + (same > 200));
    }
}
"""

#: Prints why no guard can be made.
REFUSED = """\
public class Refused {
    public static void main(String[] args) {
        try {
            io.gwplugins.Guard.of("pii_filter");
        } catch (io.gwplugins.LibraryException e) {
            System.out.println(e.getMessage());
        }
    }
}
"""

#: Memory that was freed, or belongs to another thread, is refused and not read.
CLOSED = """\
import io.gwplugins.Guard;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

public class Closed {
    static ByteBuffer buffer;

    static void scan(Guard guard) {
        try {
            System.out.println(guard.scan(buffer).verdict());
        } catch (RuntimeException e) {
            System.out.println(e.getClass().getSimpleName());
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Guard guard = Guard.of("pii_filter");
        try (Arena arena = Arena.ofConfined()) {
            buffer = arena.allocate(64).asByteBuffer();
            scan(guard);
            Thread other = new Thread(() -> scan(guard));
            other.start();
            other.join();
        }
        scan(guard);
    }
}
"""

#: A program that is a module of its own.
MODULE = """\
package program;

public class Program {
    public static void main(String[] args) {
        System.out.print(io.gwplugins.Guards.backend());
        System.out.println(io.gwplugins.Guard.of("pii_filter").rewrite(" jane@example.com").output());
    }
}
"""


def jdks() -> dict[int, Path]:
    """The JDKs of this machine by their version; JAVA_HOME wins."""
    homes = [*sorted(Path("/usr/lib/jvm").glob("*")), Path(os.environ.get("JAVA_HOME") or "/nowhere")]
    found = {}
    for home in homes:
        release = home / "release"
        if (home / "bin/javac").is_file() and release.is_file():
            version = re.search(r'JAVA_VERSION="(\d+)', release.read_text("utf-8"))
            found[int(version[1]) if version else 0] = home
    return found


@pytest.fixture(scope="module")
def jdk() -> dict[str, Path]:
    """The JDKs that the binding is tested with: the `new`est, which builds it, and an `old` one of 17 to 21."""
    found = jdks()
    newest = max(found, default=0)
    if newest < 22:
        missing("no JDK of 22 or newer is installed")
    old = next((version for version in sorted(found) if 17 <= version < 22), None)
    if old is None:
        missing("no JDK of 17 to 21 is installed")
    return {"new": found[newest], "old": found[old]}


@dataclass(frozen=True)
class User:
    """A user's folder with the jars in it."""

    folder: Path
    jars: str
    jdk: dict[str, Path]
    library: Path

    def command(self, jvm: str, backend: str, *more: str) -> list[str]:
        """How to start a program."""
        java = str(self.jdk[jvm] / "bin/java")
        return [java, NATIVE, f"-Dgwplugins.backend={backend}", "-cp", self.jars, *more]

    def run(self, jvm: str, backend: str, source: str, library: Path | None = None) -> str:
        """Compiles and runs a program; what it prints."""
        env = {"GWPLUGINS_LIBRARY": str(library or self.library)}
        return run(*self.command(jvm, backend, source), cwd=self.folder, env=env)


@pytest.fixture(scope="module")
def binding(tool: Callable[[str], str], jdk: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the binding, built."""
    copy = tmp_path_factory.mktemp("java") / "binding"
    shutil.copytree(BINDING, copy, ignore=shutil.ignore_patterns("target"))
    strict = "-Dmaven.compiler.failOnWarning=true"
    run(tool("mvn"), "-q", "-B", "package", "-DskipTests", strict, cwd=copy, env={"JAVA_HOME": str(jdk["new"])})
    return copy


@pytest.fixture(scope="module")
def user(binding: Path, jdk: dict[str, Path], installed: Path, tmp_path_factory: pytest.TempPathFactory) -> User:
    """A user's folder with the jars and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("user")
    jars = [*binding.glob("target/*.jar"), *binding.glob("target/lib/*.jar")]
    assert len(jars) == 2
    copies = [shutil.copy(jar, folder) for jar in jars]
    return User(folder, os.pathsep.join(map(str, copies)), jdk, installed / "lib/libgwplugins.so")


@pytest.mark.parametrize("jvm", ["new", "old"])
def test_the_suite_passes(
    tool: Callable[[str], str], binding: Path, jdk: dict[str, Path], installed: Path, jvm: str
) -> None:
    reports = {way: binding / f"target/reports-{way}" for way in ("ffm", "jna")}
    for report in reports.values():
        shutil.rmtree(report, ignore_errors=True)
    env = {
        "JAVA_HOME": str(jdk["new"]),
        "GWPLUGINS_LIBRARY": str(installed / "lib/libgwplugins.so"),
        "GWPLUGINS_CHECKOUT": str(ROOT),
    }
    words = [f"-Djvm={jdk[jvm]}/bin/java", f"-Dffm.skip={'false' if jvm == 'new' else 'true'}"]
    run(tool("mvn"), "-q", "-B", "verify", *words, cwd=binding, env=env)
    ran = {way: list(report.glob("TEST-*.xml")) for way, report in reports.items()}
    assert bool(ran["ffm"]) == (jvm == "new")
    for way in ("ffm", "jna") if jvm == "new" else ("jna",):
        suites = [ElementTree.parse(report).getroot() for report in ran[way]]
        assert len(suites) == len(list(BINDING.glob("src/test/java/io/gwplugins/*Test.java")))
        for suite in suites:
            told = {key: int(suite.attrib[key]) for key in ("tests", "errors", "failures", "skipped")}
            assert told.pop("tests") > 0, suite.attrib["name"]
            assert not any(told.values()), (suite.attrib["name"], told)


@pytest.mark.parametrize(("jvm", "backend"), WAYS)
def test_the_example_masks_with_the_system_library(user: User, installed: Path, jvm: str, backend: str) -> None:
    shutil.copy(BINDING / "examples/Mask.java", user.folder)
    env = {"LD_LIBRARY_PATH": str(installed / "lib"), "GWPLUGINS_LIBRARY": ""}
    check_example(*user.command(jvm, backend, "Mask.java"), cwd=user.folder, env=env)


@pytest.mark.parametrize(("jvm", "backend"), WAYS)
def test_the_example_of_the_readme(user: User, jvm: str, backend: str) -> None:
    (user.folder / "Example.java").write_text(code_of(BINDING / "README.md", "java"))
    assert user.run(jvm, backend, "Example.java") == f"email jane@example.com\n{SAID}\n"


@pytest.mark.parametrize(("jvm", "backend"), WAYS)
def test_the_example_of_limiters_and_codecs(user: User, jvm: str, backend: str) -> None:
    _, _, rest = (BINDING / "README.md").read_text("utf-8").partition("## Limiters\n")
    (user.folder / "rest.md").write_text(rest)
    (user.folder / "Families.java").write_text(code_of(user.folder / "rest.md", "java"))
    assert user.run(jvm, backend, "Families.java") == "tool has 9\n1000\n"


def test_the_program_of_the_page(user: User) -> None:
    (user.folder / "Example.java").write_text(code_of(PAGE, "java"))
    assert user.run("old", "jna", "Example.java") == f"{SAID}\n"


@pytest.mark.parametrize(("jvm", "backend"), WAYS)
def test_a_library_of_another_abi_is_refused(
    tool: Callable[[str], str], user: User, tmp_path: Path, jvm: str, backend: str
) -> None:
    other = tmp_path / "other.so"
    (tmp_path / "other.c").write_text(OTHER_ABI)
    run(tool("cc"), "-shared", "-fPIC", "-o", other, "other.c", cwd=tmp_path)
    (user.folder / "Refused.java").write_text(REFUSED)
    said = user.run(jvm, backend, "Refused.java", other)
    assert said == f"{other} has ABI 2.3; this package needs 1.0\n"


@pytest.mark.parametrize(("jvm", "backend"), WAYS)
def test_an_older_library_has_guards_only(
    tool: Callable[[str], str], user: User, tmp_path: Path, jvm: str, backend: str
) -> None:
    older = tmp_path / "older.so"
    (tmp_path / "older.c").write_text(OLDER)
    folder = user.library.parent
    real = ["-Wl,--no-as-needed", f"-L{folder}", f"-Wl,-rpath,{folder}", "-lgwplugins"]
    run(tool("cc"), "-shared", "-fPIC", "-o", older, "older.c", *real, cwd=tmp_path)
    (user.folder / "Older.java").write_text(OLDER_PROGRAM)
    limiters, codecs = "It has ABI 1.0; limiters need 1.1\n", "It has ABI 1.0; codecs need 1.2\n"
    said = user.run(jvm, backend, "Older.java", older)
    assert said == f"{limiters * 2}{codecs * 2}[REDACTED]\n"


@pytest.mark.parametrize(("jvm", "backend"), [("new", "ffm"), ("old", "jna")])
def test_counts_in_redis_are_those_of_a_limiter(user: User, tmp_path: Path, jvm: str, backend: str) -> None:
    (user.folder / "Counted.java").write_text(COUNTED)
    server = Server(tmp_path)
    with running(server):
        words = user.command(jvm, backend, "Counted.java", str(server.port))
        said = run(*words, cwd=user.folder, env={"GWPLUGINS_LIBRARY": str(user.library)})
    assert said == "same true\n"


@pytest.mark.parametrize("backend", ["ffm", "jna"])
def test_memory_that_was_freed_is_not_read(user: User, backend: str) -> None:
    (user.folder / "Closed.java").write_text(CLOSED)
    assert user.run("new", backend, "Closed.java") == "PASS\nWrongThreadException\nIllegalStateException\n"


@pytest.mark.parametrize(("jvm", "backend"), WAYS)
def test_a_modular_program(user: User, tmp_path: Path, jvm: str, backend: str) -> None:
    (tmp_path / "module-info.java").write_text("module program { requires io.gwplugins; }")
    (tmp_path / "Program.java").write_text(MODULE)
    words = ["--release", "17", "-Xlint:all,-requires-automatic", "-Werror", "-d", "classes", "-p", user.jars]
    run(user.jdk["new"] / "bin/javac", *words, "module-info.java", "Program.java", cwd=tmp_path)
    native = "--enable-native-access=io.gwplugins,com.sun.jna"
    start = [native, f"-Dgwplugins.backend={backend}", "-p", f"classes{os.pathsep}{user.jars}", "-m"]
    env = {"GWPLUGINS_LIBRARY": str(user.library)}
    said = run(user.jdk[jvm] / "bin/java", *start, "program/program.Program", cwd=tmp_path, env=env)
    assert said == f"{backend} [REDACTED]\n"


@pytest.mark.parametrize("backend", ["ffm", "jna"])
def test_a_jvm_that_allows_no_native_code_says_so(user: User, backend: str) -> None:
    if max(jdks()) < 24:
        pytest.skip("JVMs before 24 allow native code always")
    (user.folder / "Refused.java").write_text(REFUSED)
    words = [word for word in user.command("new", backend, "Refused.java") if word != NATIVE]
    said = run(words[0], "--illegal-native-access=deny", *words[1:], cwd=user.folder)
    assert "IllegalCallerException" in said or "native access is not allowed" in said


def test_the_benchmark_reports(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWPLUGINS_LIBRARY", str(user.library))
    words = [str(user.jdk["new"] / "bin/java"), NATIVE, "-cp", user.jars, str(BINDING / "bench/ScanBench.java")]
    check_bench(*words, cwd=tmp_path, host="java")


def test_the_jar_is_for_java_17_with_classes_of_22_apart(binding: Path) -> None:
    (jar,) = binding.glob("target/*.jar")
    versions: dict[bool, set[int]] = {True: set(), False: set()}
    with zipfile.ZipFile(jar) as opened:
        assert b"Multi-Release: true" in opened.read("META-INF/MANIFEST.MF")
        for name in opened.namelist():
            if name.endswith(".class"):
                apart = name.startswith("META-INF/versions/22/")
                versions[apart].add(int.from_bytes(opened.read(name)[6:8], "big"))
    assert versions == {False: {61}, True: {66}}


def test_the_package_names_no_registry_and_has_the_project_version() -> None:
    pom = ElementTree.parse(BINDING / "pom.xml").getroot()
    assert not [tag for tag in pom.iter() if "epositor" in tag.tag]
    cargo = tomllib.loads((ROOT / "rustlib/Cargo.toml").read_text("utf-8"))
    assert pom.findtext(f"{POM}version") == cargo["workspace"]["package"]["version"]
    assert (BINDING / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
