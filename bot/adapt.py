"""Teaches the encoder what customers mean: low-rank changes learned from the bank of businesses (`abiline train --encoder`).

Each step asks questions of two businesses at once. A question must be nearer to the entry that answers it than to every other
entry and, the other way round, an entry nearer to its questions than to others', among them tempting ones that no entry
answers (InfoNCE both ways: van den Oord and others 2018; Karpukhin and others 2020). The topics of one business are near
neighbours on purpose, so the step's own negatives are hard ones. The same is asked of questions among themselves (other
wordings of one question, texts of one intent, words for one thing) and of token vectors compared one by one (Khattab and
Zaharia 2020).

Takes most of an hour on two cores; the result is a small file in the repository. The only file that trains with torch.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bot import e5
from bot.adapter import Adapter
from bot.encoder import PASSAGE_PREFIX, QUERY_PREFIX, content, cut
from bot.export import kept_pieces
from bot.lessons import LearningFailed, Lessons, Plan, Query, steps, words_of
from bot.understanding import FaqEntry

Progress = Callable[[str], None]
_MATRICES = ("q", "k", "v", "ao", "fi", "fo")
_STRENGTH = 2.0  # how strongly a low-rank change counts while it is learned
_MOST_TOKENS = 112  # fewer than when serving: the longest answers would cost half the time
_TEXTS_AT_ONCE = 32
_FAR = -1e4


def adapt(lessons: Lessons, weights: e5.Weights, *, plan: Plan | None = None, progress: Progress = lambda _: None) -> Adapter:
    """Learn from the lessons. The same input gives nearly the same adapter (sums run in threads). Raises `LearningFailed`."""
    if len(lessons.businesses) < 2:
        raise LearningFailed("the bank holds fewer than two businesses for the encoder (`part: encoder`): each step asks two")
    plan = plan or Plan()
    torch.manual_seed(0)
    dice = random.Random(0)  # noqa: S311 - the same questions every time
    kept = kept_pieces(weights.pieces)
    network = _Network(weights, kept, plan)
    reader = _Reader(network, e5.tokenizer([weights.pieces[index] for index in kept]))
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=plan.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _warm(step, plan.steps))
    network.train()
    mean = 0.0
    for step, (queries, entries) in enumerate(steps(lessons, plan, dice), start=1):
        loss = _loss(reader, queries, entries, plan) + plan.vocabulary * _loss_of_words(reader, words_of(lessons.words, plan, dice), plan)
        if not torch.isfinite(loss):
            raise LearningFailed(f"step {step}: the loss is {loss.item()}; nothing was written. Lower `Plan.rate` in bot/adapt.py")
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        schedule.step()
        mean += (loss.item() - mean) / min(step, 20)
        if step % 10 == 0:
            progress(f"step {step} of {plan.steps}, loss {mean:.2f}")
    return network.adapter()


def _warm(step: int, steps: int) -> float:
    """Rise over the first tenth, then fall evenly to nothing."""
    return min((step + 1) / (0.1 * steps + 1), max(0.0, (steps - step) / (0.9 * steps)))


def _loss_of_words(reader: _Reader, words: Sequence[Query], plan: Plan) -> Tensor:
    if not words:
        return torch.zeros(())
    vectors, _ = reader.read([QUERY_PREFIX + query.text for query in words])
    return _among(vectors, words, plan)


def _among(vectors: Tensor, queries: Sequence[Query], plan: Plan) -> Tensor:
    alike = torch.tensor([[bool(one.groups & other.groups) and one is not other for other in queries] for one in queries])
    self_ = torch.eye(len(queries), dtype=torch.bool)
    return _contrast((vectors @ vectors.T / plan.temperature).masked_fill(self_, _FAR), alike)


def _loss(reader: _Reader, queries: Sequence[Query], entries: Sequence[FaqEntry], plan: Plan) -> Tensor:
    texts = [QUERY_PREFIX + query.text for query in queries] + [f"{PASSAGE_PREFIX}{entry.question} {entry.answer}" for entry in entries]
    vectors, tokens = reader.read(texts)
    count = len(queries)
    answers = torch.tensor([[entry.id in query.groups for entry in entries] for query in queries])
    whole = _both_ways(vectors[:count] @ vectors[count:].T / plan.temperature, answers)
    token_by_token = _both_ways(late_similarity(tokens[:count], tokens[count:]) / plan.temperature, answers)
    return whole + plan.alike * _among(vectors[:count], queries, plan) + plan.tokens * token_by_token


def _both_ways(scores: Tensor, right: Tensor) -> Tensor:
    return (_contrast(scores, right) + _contrast(scores.T, right.T)) / 2


def _contrast(scores: Tensor, right: Tensor) -> Tensor:
    """Mean over rows with a right column of −log softmax of each right one against all wrong ones."""
    wrong = torch.logsumexp(scores.masked_fill(right, _FAR), 1, keepdim=True)
    count = right.sum(1)
    rows = count > 0
    if not rows.any():
        return scores.sum() * 0
    return ((F.softplus(wrong - scores) * right).sum(1)[rows] / count[rows]).mean()


def late_similarity(queries: Sequence[Tensor], passages: Sequence[Tensor]) -> Tensor:
    """(queries, passages): the mean over a query's tokens of the best match among a passage's. Each text's tokens are (n, dim) of length one."""
    asked, asked_mask = _padded(queries)
    said, said_mask = _padded(passages)
    similar = torch.einsum("atd,bsd->abts", asked, said) - (1 - said_mask)[None, :, None, :] * 4
    return (similar.amax(-1) * asked_mask[:, None, :]).sum(-1) / asked_mask.sum(-1)[:, None]


def _padded(texts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    longest = max(len(tokens) for tokens in texts)
    return (
        torch.stack([F.pad(tokens, (0, 0, 0, longest - len(tokens))) for tokens in texts]),
        torch.stack([F.pad(torch.ones(len(tokens)), (0, longest - len(tokens))) for tokens in texts]),
    )


class _Changed(nn.Module):
    """A matrix that stays as it is, and the low-rank change that is learned."""

    def __init__(self, matrix: np.ndarray[Any, Any], bias: np.ndarray[Any, Any], plan: Plan) -> None:
        super().__init__()
        rows, columns = matrix.shape
        self.register_buffer("matrix", torch.from_numpy(matrix).bfloat16())
        self.register_buffer("bias", torch.from_numpy(bias))
        self.down = nn.Parameter(torch.randn(plan.rank, columns) / math.sqrt(columns))
        self.up = nn.Parameter(torch.zeros(rows, plan.rank))
        self._dropout = plan.dropout

    def forward(self, given: Tensor) -> Tensor:
        change = F.linear(F.dropout(F.linear(given, self.down), self._dropout, self.training), self.up)
        return F.linear(given, self.matrix, self.bias) + change * _STRENGTH


class _Network(nn.Module):
    """The encoder in half precision; only the low-rank changes and the tokens' map are learned.

    Attention is spelt out: on a processor torch's fused one is slow backwards.
    """

    def __init__(self, weights: e5.Weights, kept: Sequence[int], plan: Plan) -> None:
        super().__init__()
        vectors, hidden = weights.vectors, weights.hidden
        self._heads, self._layers, self._epsilon = weights.heads, weights.layers, weights.epsilon
        self.register_buffer("words", torch.from_numpy(weights.matrices["emb.word"].floats()[list(kept)]))
        self.register_buffer("places", torch.from_numpy(vectors["emb.pos"].reshape(-1, hidden) + vectors["emb.type"][:hidden]))
        self._norms = {name: torch.from_numpy(vector) for name, vector in vectors.items() if "ln." in name}
        self.changes = nn.ModuleDict(
            {
                f"l{layer}_{part}": _Changed(weights.matrices[f"l{layer}.{part}.w"].floats(), vectors[f"l{layer}.{part}.b"], plan)
                for layer in range(weights.layers)
                for part in _MATRICES
            }
        )
        self.tokens = nn.Parameter(torch.nn.init.orthogonal_(torch.empty(plan.token_dim, hidden)))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(n, t), (n, t) → vectors (n, hidden) and tokens (n, t, token dim), all of length one."""
        state = self._norm(self.words[ids] + self.places[: ids.shape[1]], "emb.ln")
        hidden_from = (1 - mask)[:, None, None, :] * _FAR
        for layer in range(self._layers):
            state = self._norm(state + self._attention(state, hidden_from, layer), f"l{layer}.aln")
            inner = F.gelu(self.changes[f"l{layer}_fi"](state))
            state = self._norm(state + self.changes[f"l{layer}_fo"](inner), f"l{layer}.oln")
        there = mask[..., None]
        return F.normalize((state * there).sum(1), dim=-1), F.normalize(F.linear(state, self.tokens).float(), dim=-1)

    def adapter(self) -> Adapter:
        """What was learned, without gradients."""
        down, up = {}, {}
        for key, change in self.changes.items():
            name = f"{key.replace('_', '.')}.w"
            down[name] = change.down.detach().numpy().astype(np.float32)
            up[name] = change.up.detach().numpy().astype(np.float32) * _STRENGTH
        return Adapter(down, up, self.tokens.detach().numpy().astype(np.float32))

    def _attention(self, state: Tensor, hidden_from: Tensor, layer: int) -> Tensor:
        count, length, hidden = state.shape
        size = hidden // self._heads
        query, key, value = (self.changes[f"l{layer}_{part}"](state).view(count, length, self._heads, size).transpose(1, 2) for part in "qkv")
        heed = torch.softmax((query @ key.transpose(-1, -2)).float() / math.sqrt(size) + hidden_from, -1)
        heard = (heed.to(value.dtype) @ value).transpose(1, 2).reshape(count, length, hidden)
        return self.changes[f"l{layer}_ao"](heard)

    def _norm(self, state: Tensor, name: str) -> Tensor:
        return F.layer_norm(state.float(), (state.shape[-1],), self._norms[f"{name}.w"], self._norms[f"{name}.b"], self._epsilon)


class _Reader:
    """Texts → vectors and token vectors; equally long texts run together, so that little is padded."""

    def __init__(self, network: _Network, tokenizer: Any) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._before = {prefix: len(tokenizer.encode(prefix.strip()).ids) - 1 for prefix in (QUERY_PREFIX, PASSAGE_PREFIX)}

    def read(self, texts: Sequence[str]) -> tuple[Tensor, list[Tensor]]:
        """(n, hidden) and each text's own tokens, without marks and prefix."""
        ids = [cut(encoding.ids, _MOST_TOKENS) for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        vectors: list[Tensor] = [torch.empty(0)] * len(ids)
        tokens: list[Tensor] = [torch.empty(0)] * len(ids)
        for start in range(0, len(order), _TEXTS_AT_ONCE):
            chosen = order[start : start + _TEXTS_AT_ONCE]
            padded, mask = _batch([ids[index] for index in chosen])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                pooled, states = self._network(padded, mask)
            for row, index in enumerate(chosen):
                before = self._before[QUERY_PREFIX if texts[index].startswith(QUERY_PREFIX) else PASSAGE_PREFIX]
                vectors[index], tokens[index] = pooled[row].float(), states[row][content(len(ids[index]), before)]
        return torch.stack(vectors), tokens


def _batch(ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    longest = max(len(tokens) for tokens in ids)
    padded, mask = torch.full((len(ids), longest), e5.PAD_ID), torch.zeros(len(ids), longest)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return padded, mask
