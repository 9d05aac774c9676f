/* Wrong on purpose: shows that the memory checkers of the suites are on. `leak` or `overflow`. */
#include <stdlib.h>
#include <string.h>

int main(int count, char **words) {
    char *volatile memory = malloc(8);
    if (count > 1 && memory != NULL && strcmp(words[1], "overflow") == 0) {
        memory[8 * count / 2] = 1;
        free(memory);
    }
    memory = NULL;
    return memory != NULL;
}
