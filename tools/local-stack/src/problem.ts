/** Something a person can put right: the message says what is wrong and what to do. Printed without a stack trace. */
export class StackProblem extends Error {
  override readonly name = 'StackProblem';
}
