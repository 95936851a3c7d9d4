declare const it: { only(name: string, test: () => void): void };

it.only('leaves the others out', () => undefined);
