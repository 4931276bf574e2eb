# `make demo` and `make test` each set everything up first; nothing is installed twice.
.PHONY: demo test lint types docs bench constraints clean
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
EXTRAS := baselines,lightning,mlflow,notebooks,onnx,pettingzoo,photos,sweep,trackio,video,wandb
FOLDERS := etude envs agents generative benchmarks
export SDL_VIDEODRIVER ?= dummy
export PYGAME_HIDE_SUPPORT_PROMPT := 1

demo: .venv/.ready
	$(BIN)/etude demo

test: .venv/.ready lint types
	$(BIN)/pytest --numprocesses 2 --dist worksteal

lint: .venv/.ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# Type checkers do not follow the editable finder: they read the packages through a folder of links.
types: .venv/.ready
	rm -rf .layout && mkdir -p .layout/etude
	ln -s $(patsubst %,../../%,$(wildcard etude/*.py etude/py.typed etude/foundations) $(filter-out etude,$(FOLDERS))) .layout/etude/
	$(BIN)/mypy -p etude

docs: .venv/.ready
	$(BIN)/mkdocs build --strict

bench: .venv/.ready
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[$(EXTRAS),peers]'
	$(BIN)/etude bench throughput

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv

.venv/.ready: pyproject.toml constraints.txt | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group dev --group docs --editable '.[$(EXTRAS)]'
	touch $@

constraints: | .venv/bin/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev --group docs --no-emit-index-url \
		--no-header --no-annotate --upgrade pyproject.toml --output-file constraints.txt

clean:
	rm -rf .venv .layout build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache runs
	find $(FOLDERS) tests -name __pycache__ -prune -exec rm -rf {} +
