import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Mistakes seen in otherwise good codebases; each has a violating file in tools/boundaries/violations. */
const inTransaction = 'CallExpression[callee.property.name="transaction"] :matches(ArrowFunctionExpression, FunctionExpression)';
const escapes = [
  { selector: `${inTransaction} MemberExpression[object.type="ThisExpression"][property.name=/^(db|dataSource)$/]`, message: 'Inside a transaction write through its own handle (tx), never this.db: it would run outside the transaction.' },
  { selector: `${inTransaction} TryStatement`, message: 'Catch outside the transaction: PostgreSQL has aborted it, and COMMIT would silently roll back.' },
  { selector: `${inTransaction} CallExpression[callee.object.name="Promise"][callee.property.name=/^(all|allSettled|race)$/]`, message: 'One transaction is one connection: await its statements one after the other.' },
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Ask the Clock, or the database (serviceNow), for now; tests need to set it.' },
];
const environment = { selector: 'MemberExpression[object.name="process"][property.name="env"]', message: 'Only config.ts (through loadConfig) reads the environment.' };

export default tseslint.config(
  { ignores: ['**/dist/', '**/out-tsc/', '**/node_modules/', '.nx/', '.cahier/', 'tools/boundaries/violations/', '**/*.cjs'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.eslint.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-syntax': ['error', ...escapes, environment],
      'no-console': 'error',
      'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Nest's empty module classes, and methods that a library's interface wants async.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/require-await': 'off',
      // Template literals print ids and numbers all day; objects are still refused.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowNullish: true }],
    },
  },
  // Programs on a terminal read the environment and print; tests set it.
  { files: ['tools/*/src/**/*.ts', 'bench/**/*.ts', 'libs/testing/**/*.ts', '**/*.spec.ts'], rules: { 'no-console': 'off', 'no-restricted-syntax': ['error', ...escapes.slice(0, 3)] } },
  // The places through which the environment enters a service, and the one clock.
  { files: ['libs/platform/src/config.ts', 'libs/platform/src/failpoint.ts', 'libs/platform/src/span-settings.ts'], rules: { 'no-restricted-syntax': ['error', ...escapes] } },
  { files: ['libs/platform/src/clock.ts'], rules: { 'no-restricted-syntax': ['error', ...escapes.slice(0, 3), environment] } },
  {
    files: ['**/*.spec.ts'],
    rules: {
      // Replies, rows and mails are read as they come; the assertions are the types.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-properties': ['error', ...['it', 'test', 'describe'].flatMap((object) => ['only', 'skip', 'todo'].map((property) => ({ object, property, message: 'A test that does not run proves nothing.' })))],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', console: 'readonly', Buffer: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly', fetch: 'readonly' } },
  },
);
