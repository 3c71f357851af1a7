/** The form of the names of users and groups: useradd(8) takes a digit first, and a `$` at the end for machines. */
export const accountName =
  '^(?:[A-Za-z_][A-Za-z0-9_.-]*\\$?|[0-9]+(?:[A-Za-z_.-][A-Za-z0-9_.-]*\\$?|\\$))$'
