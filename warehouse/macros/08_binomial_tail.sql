CREATE OR REPLACE MACRO binomial_tail(hits, n, chance) AS list_sum(list_transform(
    range(hits, n + 1),
    lambda i: exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * ln(chance) + (n - i) * ln(1 - chance))
));
COMMENT ON MACRO binomial_tail IS 'The chance of so many hits or more in n tries, each a hit with probability chance: the exact p, one-sided, of a binomial test: binomial_tail(hits, n, chance).';
