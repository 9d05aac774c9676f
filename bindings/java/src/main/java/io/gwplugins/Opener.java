package io.gwplugins;

/** One way to open a library. Implementations are made by name, because what they need may not be there. */
interface Opener {
    /**
     * Opens a file, or what the system finds under a name.
     *
     * @throws UnsatisfiedLinkError there is none, or none that can be opened; the message is the reason
     */
    Candidate open(String file);

    /** An open library of which nothing is known yet. */
    interface Candidate {
        boolean has(String function);

        int abiVersion();

        boolean supports(int major, int minor);

        /** The functions, after it is known that all are there. Called once in a process. */
        Backend bind();

        /** The functions of limiters, after it is known that all are there. Called once in a process. */
        LimiterCalls limiterCalls();

        /** The functions of codecs, after it is known that all are there. Called once in a process. */
        CodecCalls codecCalls();
    }
}
