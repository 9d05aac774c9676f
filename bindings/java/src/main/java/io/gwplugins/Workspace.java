package io.gwplugins;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What one call needs: the library's result, cells for out-parameters, and memory that the text is copied to. For one
 * call at a time; made once and used again.
 */
final class Workspace {
    /** A workspace that has seen more than this is freed after use, as it keeps the memory of its largest call. */
    private static final int KEEP_BYTES = 4_194_304;
    /** Texts of one batch that the library gets at once. */
    static final int BATCH_ITEMS = 4096;
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    /** Idle ones, mostly one for each thread that calls: found by the number of the thread, so virtual threads fit. */
    private static final AtomicReferenceArray<Workspace> IDLE = new AtomicReferenceArray<>(64);
    /** Threads whose numbers lead to the same place take the ones behind it. */
    private static final int NEIGHBOURS = 4;

    final long result;
    final Cells cells;
    /** The text of the call: an address and a number of bytes. */
    long textAt;
    int textBytes;

    private final Library library;
    private final Window items;
    private final Window findings;
    private final Window output;
    private final Utf8 utf8 = new Utf8();
    private ByteBuffer scratch = ByteBuffer.allocateDirect(4096);
    private long scratchAt;
    private LongBuffer offsets;
    private long offsetsAt;
    private ByteBuffer records = ByteBuffer.allocate(0);
    private long recordsAt;

    private Workspace(Library library) {
        this.library = library;
        Backend backend = library.backend;
        cells = new Cells(backend);
        items = new Window(backend);
        findings = new Window(backend);
        output = new Window(backend);
        scratchAt = backend.addressOf(scratch);
        result = library.make(out -> backend.gwp_result_new(out.pointerAt, out.errorAt));
    }

    static Workspace take() {
        for (int place = 0; place < NEIGHBOURS; place++) {
            Workspace idle = IDLE.getAndSet(slot(place), null);
            if (idle != null) return idle;
        }
        return new Workspace(Library.get());
    }

    /** Ends the use of a workspace: it waits for the next call. */
    void giveBack() {
        int seen = Math.max(items.seen(), Math.max(findings.seen(), output.seen()));
        boolean kept = Math.max(seen, scratch.capacity()) <= KEEP_BYTES && waits(0);
        if (!kept) library.backend.gwp_result_free(result);
        cells.keep();
    }

    /** Whether there was a place to wait for the next call, from this neighbour on. */
    private boolean waits(int place) {
        return place < NEIGHBOURS && (IDLE.compareAndSet(slot(place), null, this) || waits(place + 1));
    }

    @SuppressWarnings("deprecation") // Thread.threadId() is not in Java 17.
    private static int slot(int place) {
        return (int) Thread.currentThread().getId() + place & IDLE.length() - 1;
    }

    /** Forgets the texts that were appended. */
    void clear() {
        scratch.clear();
    }

    void append(String text) {
        utf8.append(text, this);
    }

    void append(byte[] bytes, int length) {
        reserve(length);
        scratch.put(bytes, 0, length);
    }

    void append(ByteBuffer bytes) {
        reserve(bytes.remaining());
        scratch.put(bytes.duplicate());
    }

    /** Makes what was appended the text of the call. */
    void useScratch() {
        textAt = scratchAt;
        textBytes = scratch.position();
    }

    /** Makes a direct buffer the text of the call; the caller keeps it reachable. */
    void use(ByteBuffer direct) {
        direct.get(direct.position()); // Its memory may be closed already.
        textAt = library.backend.addressOf(direct.slice());
        textBytes = direct.remaining();
    }

    /** Memory for this many bytes of records, in the byte order of the machine, from byte 0; what it holds is old. */
    ByteBuffer records(int bytes) {
        if (bytes > records.capacity()) {
            ByteBuffer memory = ByteBuffer.allocateDirect(bytes);
            records = memory.order(ByteOrder.nativeOrder());
            recordsAt = library.backend.addressOf(memory);
        }
        return records;
    }

    long recordsAt() {
        return recordsAt;
    }

    /** Where the offsets of a batch lie, as far as texts were appended. */
    long offsetsAt() {
        return offsetsAt;
    }

    /** Forgets the texts that were appended, and begins a batch. */
    void beginItems() {
        clear();
        if (offsets == null) {
            ByteBuffer memory = ByteBuffer.allocateDirect((BATCH_ITEMS + 1) * Long.BYTES);
            offsets = memory.order(ByteOrder.nativeOrder()).asLongBuffer();
            offsetsAt = library.backend.addressOf(memory);
        }
    }

    /** Says that what was appended ends the text with this index of a batch. */
    void endItem(int index) {
        offsets.put(index + 1, scratch.position());
    }

    int appended() {
        return scratch.position();
    }

    /** Raises what a call with this workspace reported. */
    void check(int status) {
        library.check(status, cells);
    }

    /** The answer on one text. */
    <T> Rewrite<T> answer(T text, Texts<T> type, List<String> rules) {
        ByteBuffer item = readItems(1);
        boolean clean = item.getInt(Abi.ITEM_VERDICT) == 0 && item.getInt(Abi.ITEM_CHANGED) == 0;
        return rewrite(item, 0, text, type, clean ? List.of() : readFindings(rules, 1, 0).get(0));
    }

    /** The answers on the texts of a batch, the first of which has the index {@code first}. */
    <T> List<Rewrite<T>> answers(List<T> texts, int first, Texts<T> type, List<String> rules) {
        ByteBuffer all = readItems(texts.size());
        List<List<Finding>> found = readFindings(rules, texts.size(), first);
        List<Rewrite<T>> answers = new ArrayList<>(texts.size());
        for (int item = 0; item < texts.size(); item++) {
            answers.add(rewrite(all, item * Abi.RECORD_BYTES, texts.get(item), type, found.get(item)));
        }
        return answers;
    }

    /** The answer on a part of a stream, which always has output, changed or not. */
    <T> Rewrite<T> part(Texts<T> type, List<String> rules) {
        ByteBuffer item = readItems(1);
        boolean clean = item.getInt(Abi.ITEM_VERDICT) == 0;
        List<Finding> found = clean ? List.of() : readFindings(rules, 1, 0).get(0);
        return rewrite(item, 0, readOutput(item, 0, type), found);
    }

    private <T> Rewrite<T> rewrite(ByteBuffer items, int at, T text, Texts<T> type, List<Finding> found) {
        boolean changed = items.getInt(at + Abi.ITEM_CHANGED) == 1;
        return rewrite(items, at, changed ? readOutput(items, at, type) : text, found);
    }

    private static <T> Rewrite<T> rewrite(ByteBuffer items, int at, T output, List<Finding> found) {
        Verdict verdict = Verdict.of(items.getInt(at + Abi.ITEM_VERDICT));
        int score = items.getInt(at + Abi.ITEM_SCORE);
        return new Rewrite<>(verdict, score, found, items.getInt(at + Abi.ITEM_CHANGED) == 1, output);
    }

    /** The verdicts of as many texts as were asked about. */
    private ByteBuffer readItems(int expected) {
        check(library.backend.gwp_result_items(result, cells.pointerAt, cells.countAt, cells.errorAt));
        if (cells.count() != expected) throw new IllegalStateException("the library answered for another call");
        return items.at(cells.pointer(), Library.size((long) expected * Abi.RECORD_BYTES));
    }

    /** All output of a call. */
    <T> T output(Texts<T> type) {
        ByteBuffer memory = outputMemory();
        return type.of(memory, 0, Library.size(cells.count()));
    }

    /** Output from byte 0, perhaps with old memory behind it; its length is in the cells. */
    private ByteBuffer outputMemory() {
        check(library.backend.gwp_result_output(result, cells.pointerAt, cells.countAt, cells.errorAt));
        int length = Library.size(cells.count());
        return length == 0 ? ByteBuffer.allocate(0) : output.at(cells.pointer(), length);
    }

    private <T> T readOutput(ByteBuffer items, int at, Texts<T> type) {
        ByteBuffer memory = outputMemory();
        int start = (int) items.getLong(at + Abi.ITEM_OUTPUT_START);
        return type.of(memory, start, (int) items.getLong(at + Abi.ITEM_OUTPUT_END));
    }

    /** The parts of the output that have this number as their rule, in order. */
    List<byte[]> parts(int rule) {
        byte[] all = output(Texts.BYTES);
        ByteBuffer records = findingMemory();
        int bytes = Library.size(cells.count()) * Abi.RECORD_BYTES;
        List<byte[]> parts = new ArrayList<>();
        for (int at = 0; at < bytes; at += Abi.RECORD_BYTES) {
            if (records.getInt(at + Abi.FINDING_RULE) != rule) continue;
            int start = (int) records.getLong(at + Abi.FINDING_START);
            parts.add(Arrays.copyOfRange(all, start, (int) records.getLong(at + Abi.FINDING_END)));
        }
        return List.copyOf(parts);
    }

    /** Records from byte 0, perhaps with old memory behind them; their number is in the cells. */
    private ByteBuffer findingMemory() {
        check(library.backend.gwp_result_findings(result, cells.pointerAt, cells.countAt, cells.errorAt));
        int bytes = Library.size(cells.count() * Abi.RECORD_BYTES);
        return bytes == 0 ? ByteBuffer.allocate(0) : findings.at(cells.pointer(), bytes);
    }

    /** The findings of each text. */
    private List<List<Finding>> readFindings(List<String> rules, int texts, int first) {
        ByteBuffer records = findingMemory();
        int bytes = Library.size(cells.count()) * Abi.RECORD_BYTES;
        List<List<Finding>> found = new ArrayList<>(Collections.nCopies(texts, List.of()));
        for (int from = 0, to; from < bytes; from = to) {
            int item = records.getInt(from + Abi.FINDING_ITEM);
            to = from + Abi.RECORD_BYTES;
            while (to < bytes && records.getInt(to + Abi.FINDING_ITEM) == item) to += Abi.RECORD_BYTES;
            found.set(item, findings(records, from, to, rules, first));
        }
        return found;
    }

    private List<Finding> findings(ByteBuffer records, int from, int to, List<String> rules, int first) {
        Finding[] found = new Finding[(to - from) / Abi.RECORD_BYTES];
        for (int index = 0; index < found.length; index++) {
            found[index] = finding(records, from + index * Abi.RECORD_BYTES, rules, first);
        }
        return List.of(found);
    }

    private Finding finding(ByteBuffer records, int at, List<String> rules, int first) {
        int rule = records.getInt(at + Abi.FINDING_RULE);
        int flags = records.getInt(at + Abi.FINDING_FLAGS);
        return new Finding(
                rules.get(rule),
                rule,
                records.getLong(at + Abi.FINDING_START),
                records.getLong(at + Abi.FINDING_END),
                first + records.getInt(at + Abi.FINDING_ITEM),
                Action.of(flags & Abi.FINDING_ACTION),
                (flags & Abi.FINDING_GUESS) != 0,
                (flags & Abi.FINDING_DERIVED) != 0,
                flags >>> Abi.FINDING_SCORE_SHIFT,
                detail(records.getInt(at + Abi.FINDING_DETAIL)));
    }

    private String detail(int index) {
        if (index == 0) return null;
        return library.text(told -> library.backend.gwp_result_detail(
                result, index, told.pointerAt, told.countAt, told.errorAt));
    }

    /** Makes room for this many bytes more. */
    void reserve(int more) {
        if (more <= scratch.remaining()) return;
        long needed = (long) scratch.position() + more;
        if (needed > MOST_BYTES) {
            String message = "the text has more than 2^31 - 9 bytes of UTF-8, which Java cannot hand over";
            throw new GwpluginsException(Abi.E_TOO_LARGE, "GWP_E_TOO_LARGE", message, null);
        }
        long doubled = Math.min(MOST_BYTES, 2L * scratch.capacity());
        ByteBuffer larger = ByteBuffer.allocateDirect((int) Math.max(needed, doubled));
        scratchAt = library.backend.addressOf(larger);
        scratch = larger.put(scratch.flip());
    }
}
