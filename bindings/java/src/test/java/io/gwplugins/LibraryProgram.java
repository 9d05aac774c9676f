package io.gwplugins;

/** A program of LibraryTest: does what its arguments say and prints what came of it. */
final class LibraryProgram {
    private LibraryProgram() {}

    public static void main(String[] steps) {
        try {
            System.out.println(Unit.values().length > 0 ? "begun" : "");
            for (String step : steps) System.out.println(done(step));
        } catch (LibraryException e) {
            System.out.println(e);
        }
    }

    private static String done(String step) {
        return switch (step) {
            case "load" -> Guards.load();
            case "backend" -> Guards.backend();
            case "kinds" -> String.valueOf(Guards.kinds().size());
            default -> Guards.load(step);
        };
    }
}
