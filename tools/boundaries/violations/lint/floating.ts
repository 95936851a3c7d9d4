const work = async (): Promise<number> => 1;
work();
