"""The first block after the source, updated for a displacement instead of run anew.

Rows that were not displaced keep their queries, and see changed keys and values only at the displaced positions P. With
the clean attended value o_r, the clean log-sum-exp L_r of row r, and clean scores s_rp, for every head:

    w_rp  = exp(s_rp - L_r),   w'_rp = exp(s_rp + q_r . dK_p - L_r)            weights before and after, unnormalised
    o'_r  = (o_r + sum_p (w'_rp - w_rp) V_p + w'_rp dV_p) / (1 + sum_p (w'_rp - w_rp))

Exact in real arithmetic, and bit for bit o_r if nothing is displaced. Where more than half of a row's attention lay on
P, digits would be lost in the difference: such rows, as the displaced ones themselves, are attended to in full.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.causal.attend import Shifts, heads_at_once, spans
from tasks.causal.context import Context
from tasks.causal.displacement import Rows
from tasks.models.attention import side_by_side

REMOVED = 0.5  # share of a row's attention on displaced positions above which the row is attended to in full


@dataclass(frozen=True)
class FirstBlock:
    """A block's context beside what its clean rows made: queries (scaled), attended values [h, S, d/h]; L [h, S]."""

    context: Context
    hidden: Tensor
    query: Tensor
    mixed: Tensor
    logsumexp: Tensor

    @classmethod
    def of(cls, context: Context, hidden: Tensor) -> "FirstBlock":
        """Run the block's clean input [S, d]."""
        query, mixed = context.clean(hidden)
        query = (query * query.shape[-1] ** -0.5).contiguous()
        sums = torch.cat([_logsumexp(query[head], context.keys[head]) for head in range(len(query))])
        return cls(context, hidden, query, mixed.contiguous(), sums)

    def run(self, rows: Rows, batch: int) -> Tensor:
        """Outputs [batch, S, d] of the block for b displacements, filled up with undisturbed cells."""
        hidden, mixed = self.hidden.repeat(batch, 1, 1), self.mixed.repeat(batch, 1, 1, 1)
        if len(rows.counts):
            hidden[rows.item, rows.positions] += rows.values
            shifts = self.context.shifts(hidden[rows.item, rows.positions], rows)
            lost = torch.stack([self._update(mixed[at], part, shifts) for at, part in enumerate(spans(rows.counts))])
            item, place = lost.nonzero(as_tuple=True)
            full = self.context.attend_rows(hidden[item, place], place, lost.sum(1).cpu(), shifts)
            mixed[item, :, place] = full.transpose(0, 1)
        return self.context.block.finish(hidden, side_by_side(mixed))

    def _update(self, mixed: Tensor, part: slice, shifts: Shifts) -> Tensor:
        """Update attended values [h, S, d/h] in place for shifts ``part``; rows bool [S] to attend to in full."""
        at = shifts.positions[part]
        lost = torch.zeros(len(self.hidden), dtype=torch.bool, device=mixed.device)
        lost[at] = True
        together = heads_at_once(len(mixed), len(self.hidden), 4 * len(at), mixed.device)
        for first in range(0, len(mixed), together):
            heads = slice(first, first + together)
            mixed[heads], removed = self._updated(heads, at, shifts.keys[heads, part], shifts.values[heads, part])
            lost |= removed
        return lost

    def _updated(self, heads: slice, at: Tensor, d_keys: Tensor, d_values: Tensor) -> tuple[Tensor, Tensor]:
        query, keys, values = self.query[heads], self.context.keys[heads][:, at], self.context.values[heads][:, at]
        scores = query @ keys.mT - self.logsumexp[heads, :, None]  # [g, S, P]
        after = (scores + query @ d_keys.mT).exp_()
        before = scores.exp_()
        gained = after - before
        mixed = (self.mixed[heads] + (gained @ values + after @ d_values)) / (1 + gained.sum(-1, keepdim=True))
        return mixed, (before.sum(-1) > REMOVED).any(0)


def _logsumexp(query: Tensor, keys: Tensor) -> Tensor:
    """L [1, S] of scaled queries [S, d/h] of one head over its keys [S, d/h]."""
    return torch.cat([(part @ keys.T).logsumexp(-1) for part in torch.split(query, 256)])[None]
